"""Messages for programs: what came back, and under which names customers are known on a channel."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_noop
from ninja import Field, Router, Schema
from pydantic import StringConstraints

from kizuna.web.accounts.models import Scope
from kizuna.web.act.messages.models import BounceKind
from kizuna.web.act.messages.services import bounces, setups
from kizuna.web.act.messages.services.bounces import Report
from kizuna.web.act.messages.tracking import marked
from kizuna.web.interface.keys import Key, holder_of
from kizuna.web.interface.shapes import NO_NUL, Body

router = Router(tags=["messages"])
MOST = 500
CustomerId = Annotated[str, StringConstraints(pattern=NO_NUL, min_length=1, max_length=500)]
Line = Annotated[str, StringConstraints(pattern=NO_NUL, max_length=500)]
Word = Annotated[str, StringConstraints(pattern=r"^[0-9.]*$", max_length=20)]
Name = Annotated[str, StringConstraints(pattern=NO_NUL, max_length=200)]


class BounceShape(Body):
    """A message that came back: by its `Message-ID`, or the address that it went to."""

    kind: Literal["hard", "soft", "complaint"]
    message_id: Line | None = None
    address: Line | None = None
    status: Word = ""
    said: Line = ""


class BouncesShape(Body):
    """Messages that came back."""

    bounces: list[BounceShape] = Field(min_length=1, max_length=MOST)


class RawShape(Body):
    """A report as a mail server sends it (RFC 3464, RFC 5965)."""

    mail: Annotated[str, StringConstraints(max_length=500_000)]


class NotedShape(Schema):
    """How many were on messages of ours, and how many were not."""

    noted: int
    unknown: int


class HandleShape(Body):
    """Under which name a customer is known; empty: not any more."""

    customer_id: CustomerId
    value: Name


class HandlesShape(Body):
    """Names of customers on a channel."""

    channel: Literal["line", "sms"]
    handles: list[HandleShape] = Field(min_length=1, max_length=MOST)


class NamedShape(Schema):
    """How many names were noted."""

    named: int


@router.post(
    "/messages/bounces",
    auth=Key(Scope.WRITE),
    response=NotedShape,
    summary=gettext_noop("Tell which messages came back"),
)
def tell_bounces(request: HttpRequest, given: BouncesShape) -> dict[str, Any]:
    """Note what came back, as a service for mail tells it; told twice, it counts once."""
    holder_of(request)
    return _noted([_report(one) for one in given.bounces])


@router.post(
    "/messages/reports",
    auth=Key(Scope.WRITE),
    response=NotedShape,
    summary=gettext_noop("Hand in a report of a mail server"),
)
def hand_in_report(request: HttpRequest, given: RawShape) -> dict[str, Any]:
    """Read a report as it came by mail; a mail that is none is noted as nothing."""
    holder_of(request)
    return _noted(bounces.read(given.mail.encode("utf-8", "replace")))


@router.post(
    "/messages/handles",
    auth=Key(Scope.WRITE),
    response=NamedShape,
    summary=gettext_noop("Tell under which names customers are known on a channel"),
)
def tell_handles(request: HttpRequest, given: HandlesShape) -> dict[str, int]:
    """Note user ids of LINE, or numbers for short messages."""
    named = setups.name_handles(
        actor=holder_of(request), channel=given.channel, at=timezone.now(), request=request,
        handles={one.customer_id: one.value for one in given.handles},
    )  # fmt: skip
    return {"named": named}


def _report(one: BounceShape) -> Report:
    number = marked(f"{one.message_id}@") if one.message_id else None
    kind = BounceKind(one.kind).value
    return Report(kind, number, one.address or "", one.status, one.said)


def _noted(reports: list[Report]) -> dict[str, int]:
    now = timezone.now()
    noted = sum(bounces.note(report=report, at=now) for report in reports)
    return {"noted": noted, "unknown": len(reports) - noted}
