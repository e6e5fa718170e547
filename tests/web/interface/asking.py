"""A program with a key, for the tests of the interface."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.test import Client

from kizuna.web.accounts.models import Person, Scope
from kizuna.web.accounts.services.keys import make_key

ROOT = "/api/v1/"


class Program:
    """Asks in a person's name, with a key of some scopes."""

    def __init__(self, holder: Person, *scopes: Scope) -> None:
        self.key, self.text = make_key(actor=holder, name="Program", scopes=scopes or list(Scope))

    def ask(self, method: str, path: str, **said: Any) -> Any:
        """Send a request; `json` is its body, others are headers or fields."""
        if "json" in said:
            said |= {"data": said.pop("json"), "content_type": "application/json"}
        headers = {"Authorization": f"Bearer {self.text}", **said.pop("headers", {})}
        found: HttpResponse = getattr(Client(raise_request_exception=True), method)(
            ROOT + path, headers=headers, **said
        )
        return found

    def get(self, path: str, **query: Any) -> Any:
        """Read."""
        return self.ask("get", path, query_params=query)

    def post(self, path: str, **said: Any) -> Any:
        """Write."""
        return self.ask("post", path, **said)
