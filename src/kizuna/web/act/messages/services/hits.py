"""Keep who opened what and followed which link, as it came; then judge all hits of the message."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from kizuna.web.act.messages.judging import Seen, judged
from kizuna.web.act.messages.models import Hit, OutboxMessage, Text, Verdict
from kizuna.web.act.messages.rendering import links_in

MOST = 200
"""Hits of one message that are kept: programs fetch a picture without end."""


def note(
    *, message_id: int, kind: str, number: int, target: str, method: str, agent: str, at: datetime
) -> None:
    """Keep a hit; one on a message that is gone is nobody's."""
    with transaction.atomic():
        found = OutboxMessage.objects.filter(pk=message_id).select_related("version").first()
        if found is None or found.handed_at is None or found.hits.count() >= MOST:
            return
        Hit.objects.create(
            message=found, customer_id=found.customer_id, kind=kind, number=number,
            target=target[:2000], at=at, method=method[:10], agent=agent[:300],
            verdict=Verdict.MACHINE, why="not_judged",
        )  # fmt: skip
        _judge(found)


def _judge(message: OutboxMessage) -> None:
    """Judge all hits of a message anew, for a later one may tell what an earlier one was."""
    hits = list(message.hits.order_by("at", "pk"))
    seen = [Seen(hit.kind, hit.number, hit.at, hit.method, hit.agent) for hit in hits]
    sent_at = message.handed_at or message.asked_at
    text = Text.objects.filter(
        version=message.version_id, channel=message.channel, language=message.language
    ).first()
    whys = judged(seen, sent_at=sent_at, links=links_in(text.body) if text else 0)
    changed = []
    for hit, why in zip(hits, whys, strict=True):
        verdict = Verdict.MACHINE if why else Verdict.HUMAN
        if (hit.verdict, hit.why) != (verdict, why):
            hit.verdict, hit.why = verdict, why
            changed.append(hit)
    Hit.objects.bulk_update(changed, ["verdict", "why"])
