"""What is told, and what people do with those who are told."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.secrecy import hide, reveal
from kizuna.web.accounts.services import audit
from kizuna.web.act.webhooks.models import Delivery, Endpoint, Message, State, Stopped
from kizuna.web.act.webhooks.signatures import new_secret
from kizuna.web.act.webhooks.topics import TEST

BOTH = timedelta(hours=24)
"""How long after a rotation messages are signed by both secrets."""
KEPT = ("name", "url", "topics")


class Nothing(Exception):  # noqa: N818  -- said to a person, no fault of the program
    """There is nothing to send again."""


def tell(*, topic: str, key: str, data: Mapping[str, Any]) -> Message | None:
    """Write down what happened, in the caller's transaction, for each endpoint that wants it.

    `key` names the happening: told twice, it is sent once. None: nobody wants it, or it was told.
    """
    wanting = _wanting(topic)
    return _post(topic, key, data, wanting) if wanting else None


def wants(topic: str) -> bool:
    """Tell whether anybody wants to know."""
    return bool(_wanting(topic))


def _wanting(topic: str) -> list[Endpoint]:
    return [e for e in Endpoint.objects.filter(stopped="") if topic in e.topics]


def _post(
    topic: str, key: str, data: Mapping[str, Any], endpoints: list[Endpoint]
) -> Message | None:
    from kizuna.web.act.webhooks.tasks import send

    now = timezone.now()
    said = {"type": topic, "timestamp": now.isoformat(), "data": data}
    body = json.dumps(said, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":"))
    try:
        with transaction.atomic():
            name, once = f"msg_{uuid.uuid4().hex}", f"{topic}:{key}"
            made = Message.objects.create(id=name, topic=topic, key=once, body=body, at=now)
            Delivery.objects.bulk_create(
                Delivery(endpoint=endpoint, message=made, next_at=now) for endpoint in endpoints
            )
            send.enqueue()
    except IntegrityError:
        return None
    return made


def add(*, actor: Person, said: dict[str, Any], request: HttpRequest | None = None) -> Endpoint:
    """Take an endpoint, with a secret of its own."""
    _must(actor)
    with transaction.atomic():
        made = Endpoint.objects.create(
            **{name: said[name] for name in KEPT},
            hidden_secret=hide(new_secret()),
            made_by=actor,
            made_at=timezone.now(),
        )
        _record(actor, "added", made, request, after=_kept(made))
    return made


def change(
    *, actor: Person, pk: int, said: dict[str, Any], request: HttpRequest | None = None
) -> Endpoint:
    """Change where an endpoint is and what it is told; a new place is tried at once."""
    _must(actor)
    with transaction.atomic():
        found = _locked(pk)
        before = _kept(found)
        for name in KEPT:
            setattr(found, name, said[name])
        found.quiet_until = None
        found.save()
        _record(actor, "changed", found, request, before=before, after=_kept(found))
    return found


def remove(*, actor: Person, pk: int, request: HttpRequest | None = None) -> None:
    """Forget an endpoint, what waits for it, and its log."""
    _must(actor)
    with transaction.atomic():
        found = _locked(pk)
        _record(actor, "removed", found, request, before=_kept(found))
        found.delete()


def switch(*, actor: Person, pk: int, on: bool, request: HttpRequest | None = None) -> None:
    """Stop sending, or begin again with what waits."""
    _must(actor)
    with transaction.atomic():
        found = _locked(pk)
        found.stopped, found.quiet_until = "" if on else Stopped.BY_A_PERSON, None
        found.save(update_fields=["stopped", "quiet_until"])
        _record(actor, "switched_on" if on else "switched_off", found, request)
        _send_soon()


def rotate(*, actor: Person, pk: int, request: HttpRequest | None = None) -> None:
    """Make a new secret; for a day messages carry the signatures of both."""
    _must(actor)
    with transaction.atomic():
        found = _locked(pk)
        found.hidden_former, found.hidden_secret = found.hidden_secret, hide(new_secret())
        found.former_until = timezone.now() + BOTH
        found.save(update_fields=["hidden_former", "hidden_secret", "former_until"])
        _record(actor, "secret_rotated", found, request)


def secret_of(*, actor: Person, pk: int, request: HttpRequest | None = None) -> str:
    """Show the secret that messages are signed by; that it was shown is on record."""
    _must(actor)
    with transaction.atomic():
        found = _locked(pk)
        _record(actor, "secret_shown", found, request)
    return reveal(found.hidden_secret)


def try_out(*, actor: Person, pk: int, request: HttpRequest | None = None) -> None:
    """Send a message that says nothing, to see whether it arrives."""
    _must(actor)
    with transaction.atomic():
        found = _locked(pk)
        _post(TEST, uuid.uuid4().hex, {"endpoint": found.name}, [found])
        _record(actor, "tested", found, request)


def send_again(
    *, actor: Person, pk: int, delivery: int | None = None, request: HttpRequest | None = None
) -> int:
    """Send one delivery that has ended once more, or all that were given up; give how many."""
    _must(actor)
    with transaction.atomic():
        found = _locked(pk)
        ended = Delivery.objects.filter(endpoint=found).exclude(state=State.WAITING)
        chosen = ended.filter(pk=delivery) if delivery else ended.filter(state=State.DEAD)
        count = chosen.update(state=State.WAITING, tries=0, next_at=timezone.now(), ended_at=None)
        if not count:
            raise Nothing
        what = {"delivery": delivery} if delivery else {"given_up": count}
        _record(actor, "sent_again", found, request, after=what)
        _send_soon()
    return count


def _send_soon() -> None:
    from kizuna.web.act.webhooks.tasks import send

    send.enqueue()


def _must(actor: Person) -> None:
    if not actor.may(Role.MANAGER):
        raise PermissionDenied


def _locked(pk: int) -> Endpoint:
    return Endpoint.objects.select_for_update().get(pk=pk)


def _kept(endpoint: Endpoint) -> dict[str, Any]:
    return {name: getattr(endpoint, name) for name in KEPT}


def _record(
    actor: Person, verb: str, found: Endpoint, request: HttpRequest | None, **said: Any
) -> None:
    audit(actor=actor, action=f"act.webhook.{verb}", target=str(found), request=request, **said)
