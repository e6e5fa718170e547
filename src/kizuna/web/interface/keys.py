"""Which key opens an address: each operation names the scope that it asks for."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from kizuna.web.accounts.models import ApiKey, Person, Role, Scope
from kizuna.web.accounts.services.keys import key_of
from kizuna.web.interface.problems import ProblemError


class Key(HttpBearer):
    """Opens an operation to keys with a scope whose holder has a role now."""

    def __init__(self, scope: Scope, role: Role | None = None) -> None:
        super().__init__()
        self.scope, self.role = scope, role or scope.role

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey:
        """Refuse a key that is good, but not for this."""
        key = bearer(request)
        if key is None:
            raise ProblemError(401, _("No key was sent, or it is not valid."))
        if self.scope not in key.scopes:
            said = _("This key lacks the scope %(scope)s.") % {"scope": self.scope.value}
            raise ProblemError(403, said)
        if not key.person.may(self.role):
            raise ProblemError(403, _("Whoever holds this key may not do this."))
        return key


def bearer(request: HttpRequest) -> ApiKey | None:
    """Give the key that a program brings, looked up once a request; cookies open nothing."""
    if not hasattr(request, "brought_key"):
        kind, _space, text = request.headers.get("Authorization", "").partition(" ")
        found = key_of(text=text.strip()) if kind.lower() == "bearer" else None
        request.brought_key = found  # type: ignore[attr-defined]
    return cast("ApiKey | None", request.brought_key)  # type: ignore[attr-defined]


def holder_of(request: HttpRequest) -> Person:
    """Give in whose name a program asks."""
    key = bearer(request)
    if key is None:
        raise ProblemError(401, _("No key was sent, or it is not valid."))
    return key.person
