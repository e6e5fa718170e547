"""The team: who is in it, as what, and how others join."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from kizuna.web.accounts import queries
from kizuna.web.accounts.forms import InviteForm, JoinForm, RoleForm
from kizuna.web.accounts.models import Invitation, Person, Role
from kizuna.web.accounts.permissions import person_of, public, requires
from kizuna.web.accounts.services import entry, invitations
from kizuna.web.accounts.services import people as services


@requires(Role.MANAGER)
def people(request: HttpRequest) -> HttpResponse:
    """List the team and the open invitations; invite."""
    reader = person_of(request)
    form = InviteForm(request.POST or None, giver=reader, initial={"role": Role.MEMBER})
    if request.method == "POST" and form.is_valid():
        role = Role(form.cleaned_data["role"])
        note = form.cleaned_data["note"]
        invitations.invite(actor=reader, role=role, note=note, request=request)
        messages.success(request, _("The invitation is ready: send the link below."))
        return redirect("accounts:people")
    shown = {
        "form": form,
        "people": queries.people(),
        "roles": queries.roles_under(reader),
        "invitations": [(i, _link(request, i)) for i in queries.open_invitations(reader)],
    }
    return render(request, "accounts/people.html", shown)


@requires(Role.MANAGER)
@require_POST
def change_role(request: HttpRequest, person_id: int) -> HttpResponse:
    """Give another role."""
    actor = person_of(request)
    form = RoleForm(request.POST, giver=actor)
    if not form.is_valid():
        raise PermissionDenied
    role = Role(form.cleaned_data["role"])
    return _done(
        request,
        lambda: services.change_role(actor=actor, person_id=person_id, role=role, request=request),
        _("%(name)s has a new role."),
    )


@requires(Role.MANAGER)
@require_POST
def deactivate(request: HttpRequest, person_id: int) -> HttpResponse:
    """Let someone in no more."""
    actor = person_of(request)
    return _done(
        request,
        lambda: services.deactivate(actor=actor, person_id=person_id, request=request),
        _("%(name)s can no longer sign in, and was signed out everywhere."),
    )


@requires(Role.MANAGER)
@require_POST
def reactivate(request: HttpRequest, person_id: int) -> HttpResponse:
    """Let someone in again."""
    actor = person_of(request)
    return _done(
        request,
        lambda: services.reactivate(actor=actor, person_id=person_id, request=request),
        _("%(name)s can sign in again."),
    )


@requires(Role.MANAGER)
@require_POST
def withdraw(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """Make an invitation useless."""
    actor = person_of(request)
    invitations.withdraw(actor=actor, invitation_id=invitation_id, request=request)
    messages.success(request, _("The invitation was withdrawn; its link no longer works."))
    return redirect("accounts:people")


@public
@never_cache
@sensitive_post_parameters()
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Join the team by a link."""
    try:
        return _join(request, token, invitations.invitation_of(token))
    except invitations.NoInvitationError:
        return render(request, "accounts/no_invitation.html", status=410)


def _join(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponse:
    start = {"language": (get_language() or "en")[:2], "timezone": "UTC"}
    form = JoinForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        given = {name: value for name, value in form.cleaned_data.items() if name != "again"}
        try:
            person = invitations.accept(token=token, request=request, **given)
        except invitations.AddressTakenError:
            form.add_error("email", _("Someone with this address is in the team already."))
        else:
            entry.enter(request=request, person=person, how="invitation")
            return redirect("/")
    return render(request, "accounts/join.html", {"form": form, "invitation": invitation})


def _done(request: HttpRequest, change: Callable[[], Person], text: str) -> HttpResponse:
    try:
        person = change()
    except services.LastOwnerError:
        messages.error(request, _("This is the last owner: make someone else an owner first."))
    else:
        messages.success(request, text % {"name": person.name})
    return redirect("accounts:people")


def _link(request: HttpRequest, invitation: Invitation) -> str:
    token = invitations.token_of(invitation)
    return request.build_absolute_uri(reverse("accounts:join", args=[token]))
