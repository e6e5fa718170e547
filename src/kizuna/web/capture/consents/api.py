"""Consent for programs: record what customers said, ask whether they may be written to."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import Field, Query, Router, Schema
from pydantic import AwareDatetime, BeforeValidator, StringConstraints

from kizuna.web.accounts.models import Scope
from kizuna.web.capture.consents import queries
from kizuna.web.capture.consents.models import Source
from kizuna.web.capture.consents.services import opting_in, recording
from kizuna.web.capture.consents.services.recording import PROBLEMS, RefusedError, Said
from kizuna.web.interface.keys import Key, holder_of
from kizuna.web.interface.problems import ProblemError
from kizuna.web.interface.shapes import NO_NUL, Body, Leaf

router = Router(tags=["consent"])

CustomerId = Annotated[str, StringConstraints(pattern=NO_NUL, min_length=1, max_length=500)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=60)]
ChannelName = Literal["email", "sms", "phone", "line", "post", "push"]
Mail = Annotated[
    str, StringConstraints(pattern=r"^[!-?A-~]{1,64}@[0-9A-Za-z.-]{1,190}$", max_length=254)
]
Text = Annotated[str, StringConstraints(pattern=NO_NUL, max_length=500)]
MOST = 500


def _moment(value: Any) -> Any:
    """Read a moment as JSON and addresses write it; one without a zone is refused."""
    if not isinstance(value, str):
        raise ValueError("a moment as RFC 3339 writes it")
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("a moment as RFC 3339 writes it") from None


Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]


class WordShape(Body):
    """What a customer said; a yes names purpose and channel, a no may leave them out for all."""

    customer_id: CustomerId
    status: Literal["granted", "denied", "withdrawn"]
    purpose: Code | None = None
    channel: ChannelName | None = None
    topic: Code | None = None
    basis: Literal["consent", "relationship", "card", "published"] = "consent"
    decided_at: Moment | None = Field(None, description="when it was said; now, where not given")
    wording_version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    page: Text | None = Field(None, description="where it was said")
    address: Text | None = Field(None, description="network address it came from")
    note: Text | None = None


class WordsShape(Body):
    """Words of customers; one that cannot be recorded does not refuse the others."""

    consents: list[WordShape] = Field(min_length=1, max_length=MOST)


class RefusedShape(Schema):
    """A word that was not recorded: its place in what was sent, and why."""

    index: int
    code: str
    message: str


class WordsTaken(Schema):
    """How many words are new, how many were known, and which were refused."""

    recorded: int
    known: int
    refused: list[RefusedShape]


class RecordShape(Schema):
    """A word with its proof."""

    number: int
    customer_id: str
    purpose: str | None
    channel: str | None
    topic: str | None
    status: str
    basis: str
    decided_at: datetime
    recorded_at: datetime
    source: str
    recorded_by: str | None
    wording_version: int | None
    wording_en: str | None
    wording_ja: str | None
    proof: dict[str, Any]


class RecordsShape(Schema):
    """A page of what a customer said, the latest first."""

    items: list[RecordShape]
    page: int
    has_next: bool


class MayShape(Schema):
    """Whether, and why; `consent` is the number of the word on which it rests."""

    allowed: bool
    code: str
    reason: str
    consent: int | None


class AskedOf(Schema):
    """Who may be written to, for what, on which channel, about what, when."""

    id: CustomerId
    purpose: Code
    channel: ChannelName
    topic: Code | None = None
    at: Moment | None = None


class OfWhom(Schema):
    """Whose words, and which page of them."""

    id: CustomerId
    page: Leaf = 1


class OptInShape(Body):
    """Somebody who is to confirm by a mail; `send: false` leaves the mail to you."""

    customer_id: CustomerId
    email: Mail
    purpose: Code
    topic: Code | None = None
    language: Literal["en", "ja"] = "en"
    wording_version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    page: Text | None = None
    address: Text | None = None
    send: bool = True


class WaitingShape(Schema):
    """A yes that waits to be confirmed; `path` is what the link in the mail leads to."""

    path: str
    expires_at: datetime
    sending: bool


@router.post(
    "/consents",
    auth=Key(Scope.WRITE),
    response=WordsTaken,
    summary=gettext_noop("Record what customers said"),
)
def record_consents(request: HttpRequest, given: WordsShape) -> dict[str, Any]:
    """Record words; one with `decided_at` is recorded once however often it is sent."""
    outcome = recording.record_many(
        actor=holder_of(request),
        said=[_said(one) for one in given.consents],
        source=Source.PROGRAM,
        request=request,
    )
    refused = [
        {"index": index, "code": code, "message": str(PROBLEMS[code])}
        for index, code in outcome.refused
    ]
    return {"recorded": outcome.recorded, "known": outcome.known, "refused": refused}


@router.get(
    "/consents",
    auth=Key(Scope.READ),
    response=RecordsShape,
    summary=gettext_noop("List what a customer said, with its proof"),
)
def list_consents(request: HttpRequest, asked: Query[OfWhom]) -> dict[str, Any]:
    """Give the words of a customer, under whichever key they came."""
    page = queries.page_of(asked.id, str(asked.page))
    here = page.number == asked.page
    items = [queries.as_record(word) for word in page] if here else []
    return {"items": items, "page": asked.page, "has_next": here and page.has_next()}


@router.get(
    "/consents/may",
    auth=Key(Scope.READ),
    response=MayShape,
    summary=gettext_noop("Say whether a customer may be written to, and why"),
)
def may_be_written_to(request: HttpRequest, asked: Query[AskedOf]) -> dict[str, Any]:
    """Decide by all that was said until then; a purpose that nobody knows is answered with no."""
    found = queries.may(
        asked.id, channel=asked.channel, purpose=asked.purpose, topic=asked.topic or "", at=asked.at
    )
    word = found.word.pk if found.word else None
    return {"allowed": found.allowed, "code": found.code, "reason": found.reason, "consent": word}


@router.post(
    "/consents/opt-ins",
    auth=Key(Scope.WRITE),
    response={201: WaitingShape},
    summary=gettext_noop("Ask a customer to confirm by mail"),
)
def ask_to_confirm(request: HttpRequest, given: OptInShape) -> dict[str, Any]:
    """Send a mail with a link; the yes counts once the button behind it is pressed."""
    said = Said(
        customer_id=given.customer_id, status="granted", purpose=given.purpose, channel="email",
        topic=given.topic or "", wording_version=given.wording_version, proof=_proof(given),
    )  # fmt: skip
    try:
        made = opting_in.ask(
            actor=holder_of(request), said=said, email=given.email, language=given.language,
            send=given.send, request=request,
        )  # fmt: skip
    except RefusedError as error:
        raise ProblemError(422, str(PROBLEMS[error.code])) from None
    except opting_in.TooManyError:
        raise ProblemError(409, _("This address was asked three times within a day.")) from None
    except opting_in.NoMailError:
        said_no = _("No mail can be sent: name a server for mail and the public address of Kizuna.")
        raise ProblemError(409, said_no) from None
    path = opting_in.path_of(made)
    return {"path": path, "expires_at": made.expires_at, "sending": given.send}


def _said(one: WordShape) -> Said:
    return Said(
        customer_id=one.customer_id, status=one.status, purpose=one.purpose or "",
        channel=one.channel or "", topic=one.topic or "", basis=one.basis,
        decided_at=one.decided_at, wording_version=one.wording_version, proof=_proof(one),
    )  # fmt: skip


def _proof(one: WordShape | OptInShape) -> dict[str, str]:
    found = {name: getattr(one, name, None) for name in ("page", "address", "note")}
    return {name: text for name, text in found.items() if text}
