"""Views that are kept, and what is done to many customers at once."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.know.lists import queries, services
from kizuna.web.know.lists.forms import BulkForm, ViewForm


@requires(Role.VIEWER)
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the filters, columns and order of the list."""
    form = ViewForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The view needs a name of at most 80 letters."))
        return redirect("customers:list")
    view = services.save_view(actor=person_of(request), request=request, **form.cleaned_data)
    messages.success(request, _("The view “%(name)s” is kept.") % {"name": view.name})
    return redirect(f"{reverse('customers:list')}?{view.query}")


@requires(Role.VIEWER)
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a view go."""
    services.delete_view(actor=person_of(request), pk=pk, request=request)
    messages.success(request, _("The view is gone."))
    return redirect("customers:list")


@requires(Role.MEMBER)
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Do something to the customers that were ticked, or to all that match."""
    form = BulkForm(request.POST, chosen=request.POST.getlist("id"))
    if not form.is_valid():
        return render(request, "lists/bulk_wrong.html", {"form": form}, status=422)
    action = services.bulk(actor=person_of(request), request=request, **form.said)
    return redirect("lists:bulk_shown", pk=action.pk)


@requires(Role.MEMBER)
def bulk_shown(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a bulk action is; asked by its own script, the changing part alone."""
    found = queries.standing(pk)
    if found is None:
        raise Http404
    part = request.headers.get("HX-Request") and found.is_working
    template = "lists/bulk_part.html" if part else "lists/bulk.html"
    response = render(request, template, {"found": found, "action": found.action})
    if request.headers.get("HX-Request") and not found.is_working:
        response.headers["HX-Refresh"] = "true"
    return response
