"""What was typed when a session had ended: held until the same person has signed in again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from kizuna.web.accounts.models import Person, Session

HELD = "held"
LARGEST = 200_000
LEFT_OUT = ("csrfmiddlewaretoken",)


@dataclass(frozen=True, slots=True)
class Form:
    """A form that waits to be sent once more."""

    path: str
    fields: list[tuple[str, str]]
    files: bool


def hold(request: HttpRequest) -> bool:
    """Keep the form of a request, if the browser's session was a person's until it expired."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    ended = Session.objects.filter(session_key=key[:40], person__is_active=True).first()
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in LEFT_OUT and "password" not in name
    ]
    if ended is None or sum(len(n) + len(v) for n, v in fields) > LARGEST:
        return False
    held = {"path": request.get_full_path(), "fields": fields, "files": bool(request.FILES)}
    request.session[HELD] = {"person": ended.person_id, **held}
    return True


def held_form(*, request: HttpRequest, person: Person) -> Form | None:
    """Give back what this person, and nobody else, had typed in this browser."""
    kept: dict[str, Any] = request.session.get(HELD, {})
    if kept.get("person") != person.pk:
        return None
    return Form(kept["path"], [(n, v) for n, v in kept["fields"]], kept["files"])
