"""What customers do by their links, without signing in; the link is the permission."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language

from kizuna.web.accounts.origin import origin_of
from kizuna.web.capture.consents import queries
from kizuna.web.capture.consents.links import PREFERENCES, UNSUBSCRIBE, opened
from kizuna.web.capture.consents.models import Consent, Purpose, Source, Status, Topic, Wording
from kizuna.web.capture.consents.queries import Box
from kizuna.web.capture.consents.services.recording import entered

NOES = (Status.DENIED, Status.WITHDRAWN)


def choose(
    *, token: str, shown: Collection[str], wanted: Collection[str], request: HttpRequest
) -> int:
    """Record what a customer changed on the preference page; give how many things that were.

    What was not on the page when it was opened was not answered.
    """
    customer_id = opened(PREFERENCES, token).customer_id
    if queries.is_erased(customer_id):
        return 0
    with transaction.atomic():
        offers = queries.offers(customer_id)
        wordings = {o.purpose.pk: o.wording for o in offers}
        asked = [box for box in queries.boxes(offers) if box.value in shown]
        changed = [box for box in asked if box.decision.allowed != (box.value in wanted)]
        for box in changed:
            status = _status(box, box.value in wanted)
            _write(
                customer_id, status, Source.PREFERENCES, request, box.purpose, box.channel,
                box.topic, wordings[box.purpose.pk],
            )  # fmt: skip
    return len(changed)


def stop_all(*, token: str, request: HttpRequest) -> None:
    """Record that a customer wants nothing any more but what was ordered."""
    customer_id = opened(PREFERENCES, token).customer_id
    if queries.is_erased(customer_id):
        return
    with transaction.atomic():
        if not _stands(customer_id, {"purpose": None, "channel": "", "topic": None}):
            _write(customer_id, Status.WITHDRAWN, Source.PREFERENCES, request)


def unsubscribe(*, token: str, one_click: bool, request: HttpRequest) -> None:
    """Take a customer out of what a message was sent for, at once; saying it again adds nothing."""
    said = opened(UNSUBSCRIBE, token)
    if queries.is_erased(said.customer_id):
        return
    source = Source.ONE_CLICK if one_click else Source.UNSUBSCRIBE
    with transaction.atomic():
        purpose = Purpose.objects.filter(code=said.purpose).first()
        topic = Topic.objects.filter(purpose=purpose, code=said.topic).first() if purpose else None
        scope: dict[str, Any] = {"purpose": purpose, "channel": said.channel, "topic": topic}
        if not _stands(said.customer_id, scope):
            _write(said.customer_id, Status.WITHDRAWN, source, request, **scope)


def _stands(customer_id: str, scope: dict[str, Any]) -> bool:
    """Whether a no to exactly this was said, and no yes to anything since."""
    words = queries.words(customer_id)
    exactly = {n if v is not None else f"{n}__isnull": v if v is not None else True
               for n, v in scope.items()}  # fmt: skip
    no = words.filter(status__in=NOES, **exactly).first()
    if no is None:
        return False
    return not words.filter(status=Status.GRANTED, decided_at__gte=no.decided_at).exists()


def _status(box: Box, yes: bool) -> str:
    if yes:
        return Status.GRANTED
    return Status.WITHDRAWN if box.decision.code == "granted" else Status.DENIED


def _write(
    customer_id: str,
    status: str,
    source: str,
    request: HttpRequest,
    purpose: Purpose | None = None,
    channel: str = "",
    topic: Topic | None = None,
    wording: Wording | None = None,
) -> None:
    now = timezone.now()
    made = Consent(
        customer_id=customer_id, purpose=purpose, channel=channel, topic=topic, status=status,
        source=source, decided_at=now, recorded_at=now, wording=wording, proof=evidence(request),
    )  # fmt: skip
    made.save()
    entered(made, None, request)


def evidence(request: HttpRequest) -> dict[str, Any]:
    """Say where a click came from."""
    origin = origin_of(request)
    return {
        "page": request.resolver_match.view_name if request.resolver_match else "",
        "host": request.get_host(),
        "address": origin.address,
        "agent": origin.agent,
        "language": get_language(),
    }
