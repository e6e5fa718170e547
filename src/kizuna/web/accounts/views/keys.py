"""Keys of the programming interface."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kizuna.web.accounts import queries
from kizuna.web.accounts.forms import KeyForm
from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.accounts.services import keys as services
from kizuna.web.accounts.views.tabs import tabs


@requires(Role.MEMBER)
def keys(request: HttpRequest) -> HttpResponse:
    """List keys and make one; its text is on this page once."""
    person = person_of(request)
    form, text = KeyForm(person, request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        _made, text = services.make_key(actor=person, request=request, **form.cleaned_data)
        form = KeyForm(person)
    shown = {"form": form, "text": text, "keys": queries.keys_for(person), "tabs": tabs(request)}
    return render(request, "accounts/keys.html", shown)


@requires(Role.MEMBER)
@require_POST
def revoke(request: HttpRequest, key_id: int) -> HttpResponse:
    """End a key."""
    services.revoke_key(actor=person_of(request), key_id=key_id, request=request)
    messages.success(request, _("The key is revoked; it no longer opens anything."))
    return redirect("accounts:keys")
