"""What people and programs do with sources of contacts: permission, change, and record."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.secrecy import hide
from kizuna.web.accounts.services import audit
from kizuna.web.capture.interactions import taking
from kizuna.web.capture.interactions.models import Hook, Mailbox, Refusal
from kizuna.web.capture.interactions.taking import Read

HOOK = ("name", "scheme", "signature_header", "timestamp_header", "items", "mapping", "is_on")
MAILBOX = (
    *("name", "host", "port", "security", "user", "folder", "use", "addresses", "since_on"),
    "is_on",
)
WHERE = ("host", "port", "security", "user")
"""Who is told the password: where one of these changes it has to be given again."""
ANEW = ("host", "user", "folder", "since_on", "use")
"""Where one of these changes, reading begins anew."""


class PasswordNeeded(Exception):  # noqa: N818  -- said to a person, no fault of the program
    """The password that is kept goes nowhere but where it was given for."""


def told(*, actor: Person, items: Sequence[Any], request: HttpRequest | None = None) -> Read:
    """Take contacts from a program: all of them, or none where one cannot be read."""
    if not actor.may(Role.MEMBER):
        raise PermissionDenied
    found = taking.read(items, source="api", now=timezone.now())
    if not found.refused:
        with transaction.atomic():
            audit(
                actor=actor,
                action="capture.interactions.told",
                target="interactions",
                after={"contacts": len(found.contacts)},
                request=request,
            )
            taking.keep(found.contacts)
    return found


def add_hook(
    *, actor: Person, said: dict[str, Any], secret: str, request: HttpRequest | None = None
) -> Hook:
    """Make an address that a program may call."""
    _must(actor)
    with transaction.atomic():
        made = Hook.objects.create(
            **{name: said[name] for name in HOOK},
            token=secrets.token_urlsafe(32),
            hidden_secret=hide(secret),
            made_at=timezone.now(),
        )
        _record(actor, "hook_added", made, request, after=_kept(made, HOOK))
    return made


def change_hook(
    *, actor: Person, pk: int, said: dict[str, Any], secret: str, request: HttpRequest | None = None
) -> Hook:
    """Change a hook; without a new secret the one that is kept stays."""
    _must(actor)
    with transaction.atomic():
        found = Hook.objects.select_for_update().get(pk=pk)
        before = _kept(found, HOOK)
        _set(found, said, HOOK)
        if secret:
            found.hidden_secret = hide(secret)
        found.save()
        after = {**_kept(found, HOOK), "new_secret": bool(secret)}
        _record(actor, "hook_changed", found, request, before=before, after=after)
    return found


def remove_hook(*, actor: Person, pk: int, request: HttpRequest | None = None) -> None:
    """Take a hook away with what it refused; the contacts that it brought stay."""
    _must(actor)
    with transaction.atomic():
        found = Hook.objects.select_for_update().get(pk=pk)
        _record(actor, "hook_removed", found, request)
        found.delete()


def retry(*, actor: Person, pk: int, request: HttpRequest | None = None) -> tuple[int, int]:
    """Read what was refused once more, as the hook reads now; give how many are taken, and left."""
    _must(actor)
    hook, now = Hook.objects.get(pk=pk), timezone.now()
    taken, left = 0, 0
    for row in list(hook.refusals.order_by("at", "pk")):
        found = _read_again(hook, row, now)
        taking.keep(found.contacts)
        taken, left = taken + len(found.contacts), left + len(found.refused)
        with transaction.atomic():
            row.delete()
            taking.refuse(hook, found, row.at)
    with transaction.atomic():
        after = {"taken": taken, "refused": left}
        _record(actor, "hook_retried", hook, request, after=after)
    return taken, left


def add_mailbox(
    *, actor: Person, said: dict[str, Any], password: str, request: HttpRequest | None = None
) -> Mailbox:
    """Have a mailbox read; the password is kept encrypted and shown to nobody."""
    _must(actor)
    with transaction.atomic():
        made = Mailbox.objects.create(
            **{name: said[name] for name in MAILBOX},
            hidden_password=hide(password),
            made_at=timezone.now(),
        )
        _record(actor, "mailbox_added", made, request, after=_kept(made, MAILBOX))
    return made


def change_mailbox(
    *,
    actor: Person,
    pk: int,
    said: dict[str, Any],
    password: str,
    request: HttpRequest | None = None,
) -> Mailbox:
    """Change a mailbox; without a new password the one that is kept stays, for the same place."""
    _must(actor)
    with transaction.atomic():
        found = Mailbox.objects.select_for_update().get(pk=pk)
        before = _kept(found, MAILBOX)
        if not password and any(said[name] != getattr(found, name) for name in WHERE):
            raise PasswordNeeded
        if any(said[name] != getattr(found, name) for name in ANEW):
            found.validity, found.last_uid = None, 0
        _set(found, said, MAILBOX)
        found.hidden_password = hide(password) if password else found.hidden_password
        found.problem = ""
        found.save()
        after = {**_kept(found, MAILBOX), "new_password": bool(password)}
        _record(actor, "mailbox_changed", found, request, before=before, after=after)
    return found


def remove_mailbox(*, actor: Person, pk: int, request: HttpRequest | None = None) -> None:
    """Read a mailbox no more; the contacts that it brought stay."""
    _must(actor)
    with transaction.atomic():
        found = Mailbox.objects.select_for_update().get(pk=pk)
        _record(actor, "mailbox_removed", found, request)
        found.delete()


def look(*, actor: Person, pk: int, request: HttpRequest | None = None) -> None:
    """Have a mailbox read now, also where its password was refused before."""
    from kizuna.web.capture.interactions.tasks import read_one

    _must(actor)
    with transaction.atomic():
        found = Mailbox.objects.select_for_update().get(pk=pk)
        _record(actor, "mailbox_looked_into", found, request)
        read_one.enqueue(pk)


def _read_again(hook: Hook, row: Refusal, now: Any) -> Read:
    try:
        item = json.loads(row.body)
    except (ValueError, RecursionError):
        return taking.read_body(hook, row.body.encode(), now)
    # an item is what was refused, unless the body could not be taken apart
    whole = row.code == "too_many" or (hook.items and not isinstance(item, dict))
    return taking.read_body(hook, row.body.encode(), now) if whole else (
        taking.read_items(hook, [item], now)
    )  # fmt: skip


def _set(found: Any, said: dict[str, Any], names: Sequence[str]) -> None:
    for name in names:
        setattr(found, name, said[name])


def _kept(found: Any, names: Sequence[str]) -> dict[str, Any]:
    return {n: str(v) if n == "since_on" else v for n in names for v in [getattr(found, n)]}


def _must(actor: Person) -> None:
    if not actor.may(Role.MANAGER):
        raise PermissionDenied


def _record(actor: Person, verb: str, found: Any, request: HttpRequest | None, **said: Any) -> None:
    audit(
        actor=actor, action=f"capture.interactions.{verb}", target=str(found), request=request,
        **said,
    )  # fmt: skip
