"""Who a campaign is for, and a look at them beforehand: what each would get, or why nothing."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from kizuna.web.act.actions.whose import batches, customers_of
from kizuna.web.act.campaigns.models import Campaign, Step
from kizuna.web.act.messages import addressing, rendering
from kizuna.web.act.messages.models import Channel, TemplateVersion, Text
from kizuna.web.act.messages.placeholders import VALUE
from kizuna.web.act.messages.variables import facts_of, known_of, language_of, values_of
from kizuna.web.capture.consents.queries import may
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.segments.queries import member_ids

LOOKED_AT = 2_000
"""Customers of a large audience who are looked at; the others are like them."""


def ids_of(campaign: Campaign) -> list[str]:
    """Name the customers of the audience, each once, as they are known now, in a fixed order."""
    if campaign.segment_id is None:
        found = CustomerFact.objects.order_by("customer_id").values_list("customer_id", flat=True)
        return list(found.iterator(10_000))
    named = member_ids(campaign.segment_id)
    return sorted({one for some in batches(named) for one in customers_of(some).values()})


def look(campaign: Campaign, at: datetime) -> dict[str, Any]:
    """Look at the audience, or at a part of a large one that is drawn by their numbers."""
    everyone = ids_of(campaign)
    looked = _part(everyone)
    first = Step.objects.filter(campaign=campaign, number=1).order_by("arm").first()
    counts: Counter[str] = Counter()
    names: Counter[str] = Counter()
    if first is not None:
        for some in batches(looked):
            _look_at(some, first, at, counts, names)
    return {
        "audience": len(everyone),
        "looked_at": len(looked),
        "counts": dict(counts),
        "missing": dict(names),
    }


def _part(everyone: Sequence[str]) -> list[str]:
    if len(everyone) <= LOOKED_AT:
        return list(everyone)
    return sorted(everyone, key=lambda one: hashlib.sha256(one.encode()).digest())[:LOOKED_AT]


def _look_at(
    some: Sequence[str], step: Step, at: datetime, counts: Counter[str], names: Counter[str]
) -> None:
    template = step.template
    version = TemplateVersion.objects.get(template=template, number=template.version)
    texts = list(Text.objects.filter(version=version))
    channels = [one for one in Channel.values if any(t.channel == one for t in texts)]
    facts = facts_of(some)
    handles = {one: addressing.handles_of(some, one) for one in channels}
    wanted = {name for text in texts for name in rendering.names_in(text)}
    usual = settings.LANGUAGE_CODE[:2]
    languages = {
        one: language_of(fact, {t.language for t in texts}, usual) for one, fact in facts.items()
    }
    known = known_of(facts, languages, wanted)
    for one, fact in facts.items():
        reached = (c for c in channels if addressing.address_of(c, fact, None, handles[c]))
        channel = next(reached, None)
        if channel is None:
            counts["no_address"] += 1
            continue
        text = _text(texts, channel, languages[one])
        values = values_of(known[one], (n for n in wanted if not n.startswith(VALUE)))
        lacking = rendering.lacking(text, values)
        names.update(lacking)
        counts[_fate(one, channel, step, at, lacking)] += 1


def _text(texts: Sequence[Text], channel: str, language: str) -> Text:
    there = rendering.offered(texts, channel)
    return there.get(language) or next(iter(there.values()))


def _fate(customer_id: str, channel: str, step: Step, at: datetime, lacking: Sequence[str]) -> str:
    if lacking:
        return "missing_value"
    if channel == Channel.WEBHOOK:
        return "reached"
    template = step.template
    found = may(customer_id, channel=channel, purpose=template.purpose, topic=template.topic, at=at)
    return "reached" if found.allowed else found.code
