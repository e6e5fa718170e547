"""Keys of the programming interface, and the address where a program tries one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kizuna.web.accounts import queries
from kizuna.web.accounts.forms import KeyForm
from kizuna.web.accounts.models import ApiKey, Role, Scope
from kizuna.web.accounts.permissions import person_of, requires, requires_key
from kizuna.web.accounts.services import keys as services
from kizuna.web.accounts.views.tabs import tabs


@requires(Role.MEMBER)
def keys(request: HttpRequest) -> HttpResponse:
    """List keys and make one; its text is on this page once."""
    person = person_of(request)
    form, text = KeyForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        _made, text = services.make_key(actor=person, request=request, **form.cleaned_data)
        form = KeyForm()
    shown = {"form": form, "text": text, "keys": queries.keys_for(person), "tabs": tabs(request)}
    return render(request, "accounts/keys.html", shown)


@requires(Role.MEMBER)
@require_POST
def revoke(request: HttpRequest, key_id: int) -> HttpResponse:
    """End a key."""
    services.revoke_key(actor=person_of(request), key_id=key_id, request=request)
    messages.success(request, _("The key is revoked; it no longer opens anything."))
    return redirect("accounts:keys")


@requires_key(Scope.READ)
@require_safe
def whoami(request: HttpRequest, key: ApiKey) -> JsonResponse:
    """Tell a program whose key it brought, and what the key may do."""
    return JsonResponse({"person": key.person.name, "key": key.name, "scopes": key.scopes})
