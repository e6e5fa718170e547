"""Contacts with customers from programs."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import Router, Schema
from pydantic import Field, StringConstraints

from kizuna.web.accounts.models import Scope
from kizuna.web.capture.inbox import InboxError
from kizuna.web.capture.interactions import services, wording
from kizuna.web.interface.keys import Key, holder_of
from kizuna.web.interface.problems import ProblemError
from kizuna.web.interface.shapes import NO_NUL, Body, Word

router = Router(tags=["interactions"])

MOST = 500
Text = Annotated[str, StringConstraints(pattern=NO_NUL, max_length=100_000)]
Line = Annotated[str, StringConstraints(pattern=NO_NUL, max_length=1_000)]
Figure = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]


class Told(Body):
    """A contact; told again under the same id, it replaces what was told before."""

    interaction_id: Word
    customer_id: Word | None = None
    email: Word | None = Field(None, description="in place of customer_id: whose address it is")
    happened_at: Annotated[str, Field(max_length=40, description="ISO 8601; without zone: UTC")]
    channel: Word = Field(description="mail, phone, chat, line, visit, social, in_person, paper, …")
    direction: Word | None = Field(None, description="in: from the customer; out: to the customer")
    case_id: Word | None = Field(None, description="contacts of one case are shown as one thread")
    agent: Word | None = None
    subject: Line | None = None
    text: Text | None = None
    wait_seconds: Figure | None = None
    minutes: Figure | None = None
    transfers: Annotated[int, Field(ge=0, le=10_000)] | None = None
    outcome: Word | None = None
    custom: dict[str, Any] | None = None


class Contacts(Body):
    """Contacts; all are taken, or none."""

    interactions: Annotated[list[Told], Field(min_length=1, max_length=MOST)]


class Taken(Schema):
    """How many contacts are kept; on the page of the customer within seconds."""

    taken: int


@router.post(
    "/interactions",
    auth=Key(Scope.WRITE),
    response={202: Taken},
    summary=gettext_noop("Tell contacts with customers"),
)
def tell_interactions(request: HttpRequest, said: Contacts) -> dict[str, Any]:
    """Keep contacts of any channel; durable before this answers."""
    items = [contact.model_dump(exclude_none=True) for contact in said.interactions]
    try:
        found = services.told(actor=holder_of(request), items=items, request=request)
    except InboxError:
        raise ProblemError(503, _("It cannot be kept just now; try again.")) from None
    if found.refused:
        errors = [
            {
                "at": ["body", "interactions", place, why.field],
                "message": str(wording.reason(why.code)),
            }
            for place, _item, why in found.refused
        ]
        raise ProblemError(422, _("The request is not as described."), errors)
    return {"taken": len(found.contacts)}
