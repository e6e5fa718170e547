"""What people know of a customer: pages that change it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.know.profiles import queries
from kizuna.web.know.profiles.conflicts import Conflict, conflict
from kizuna.web.know.profiles.forms import (
    ContactForm,
    FieldForm,
    ProfileForm,
    TagForm,
)
from kizuna.web.know.profiles.models import Contact, FieldKind
from kizuna.web.know.profiles.services import contacts, details, tags
from kizuna.web.know.profiles.services import fields as field_services
from kizuna.web.know.profiles.services.details import ChangedMeanwhileError, NotAParentError


@requires(Role.MEMBER)
def edit(request: HttpRequest) -> HttpResponse:
    """Change owner, parent and fields of a customer."""
    customer_id, known = _customer(request), queries.fields()
    if request.method != "POST":
        form = ProfileForm(initial=queries.initial(customer_id, known), known=known)
        return _edit(request, customer_id, form)
    form = ProfileForm(request.POST, known=known)
    return _edited(request, customer_id, form) or _edit(request, customer_id, form, status=422)


def _edited(request: HttpRequest, customer_id: str, form: ProfileForm) -> HttpResponse | None:
    if not form.is_valid():
        return None
    said = {name: form.cleaned_data[name] for name in ("version", "owner", "parent_id")}
    try:
        details.save(
            actor=person_of(request),
            customer_id=customer_id,
            values=form.values,
            request=request,
            **said,
        )
    except NotAParentError as error:
        form.add_error("parent_id", str(error))
        return None
    except ChangedMeanwhileError:
        now, last = queries.initial(customer_id, form.known), queries.changes(customer_id, 1)[0]
        who = last.person.name if last.person else ""
        return _edit(request, customer_id, form, conflict(form, now, who, last.at), status=409)
    return _back(customer_id)


def _edit(
    request: HttpRequest,
    customer_id: str,
    form: ProfileForm | ContactForm,
    found: Conflict | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    values = {"form": form, "customer_id": customer_id, "conflict": found, **more}
    return render(request, "profiles/edit.html", values, status=status)


@requires(Role.MEMBER)
def add_contact(request: HttpRequest) -> HttpResponse:
    """Add someone at a customer."""
    customer_id = _customer(request)
    form = ContactForm(request.POST or None, initial={"version": 0})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        contacts.add(actor=person_of(request), customer_id=customer_id, said=said, request=request)
        return _back(customer_id)
    return _edit(request, customer_id, form, title=_("Add a contact"))


@requires(Role.MEMBER)
def change_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Change someone at a customer."""
    contact = _contact(pk)
    shown: dict[str, Any] = {"title": contact.name, "contact": contact}
    if request.method != "POST":
        form = ContactForm(initial={**contacts.as_said(contact), "version": contact.version})
        return _edit(request, contact.customer_id, form, **shown)
    form = ContactForm(request.POST)
    if not form.is_valid():
        return _edit(request, contact.customer_id, form, status=422, **shown)
    said, version = form.cleaned_data, form.cleaned_data["version"]
    try:
        contacts.change(
            actor=person_of(request), contact_id=pk, version=version, said=said, request=request
        )
    except ChangedMeanwhileError:
        now = {**contacts.as_said(contact), "version": contact.version}
        found = conflict(form, now, contact.changed_by.name, contact.changed_at)
        return _edit(request, contact.customer_id, form, found, status=409, **shown)
    return _back(contact.customer_id)


@requires(Role.MEMBER)
@require_POST
def remove_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Take someone out."""
    _contact(pk)
    return _back(contacts.remove(actor=person_of(request), contact_id=pk, request=request))


@requires(Role.MEMBER)
@require_POST
def add_tag(request: HttpRequest) -> HttpResponse:
    """Put a tag on a customer."""
    customer_id, form = _customer(request), TagForm(request.POST)
    if form.is_valid():
        name = form.cleaned_data["name"]
        tags.add_tag(actor=person_of(request), customer_id=customer_id, name=name, request=request)
    else:
        messages.error(request, _("A tag has 1 to 60 letters."))
    return _back(customer_id)


@requires(Role.MEMBER)
@require_POST
def remove_tag(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a tag off a customer."""
    customer_id = _customer(request)
    tags.remove_tag(actor=person_of(request), customer_id=customer_id, tag_id=pk, request=request)
    return _back(customer_id)


@requires(Role.MANAGER)
def fields(request: HttpRequest) -> HttpResponse:
    """List the organisation's own fields and tags, and make a field."""
    form = FieldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = {**form.cleaned_data, "kind": FieldKind(form.cleaned_data["kind"])}
        try:
            field_services.make(actor=person_of(request), request=request, **said)
            return redirect("profiles:fields")
        except field_services.NameTakenError:
            form.add_error("name", _("There is a field of this name already."))
    shown = {"form": form, "fields": queries.fields(), "archived": queries.archived()}
    return render(request, "profiles/fields.html", {**shown, "tags": queries.tags()})


@requires(Role.MANAGER)
@require_POST
def archive_field(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a field no more, or again."""
    back = request.POST.get("back") == "1"
    actor = person_of(request)
    field_services.archive(actor=actor, field_id=pk, back=back, request=request)
    return redirect("profiles:fields")


@requires(Role.MANAGER)
@require_POST
def delete_tag(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a tag go, wherever it is."""
    tags.delete_tag(actor=person_of(request), tag_id=pk, request=request)
    return redirect("profiles:fields")


def _customer(request: HttpRequest) -> str:
    customer_id = request.GET.get("id", "")
    if not queries.is_known(customer_id):
        raise Http404
    return customer_id


def _contact(pk: int) -> Contact:
    found = Contact.objects.select_related("changed_by").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _back(customer_id: str) -> HttpResponse:
    return redirect(reverse("customers:one", query={"id": customer_id}))
