"""Evaluate rules: on what was published, and on the customers of whom something just came in."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from kizuna.jobs.past_facts import facts_as_of
from kizuna.jobs.watch import Findings, Frame, compare
from kizuna.web.know.alerts.conditions import FACTS, past_of, readable
from kizuna.web.know.alerts.models import AlertRule, Evaluation
from kizuna.web.know.alerts.raising import Tally, take
from kizuna.web.know.publications.models import Publication, Status
from kizuna.web.know.publications.queries import Published, published
from kizuna.web.know.publications.services import run_options, store

log = logging.getLogger("kizuna.alerts")

KEPT = timedelta(days=6)
"""Tables of publications that are older may have been tidied away."""


def in_use() -> dict[int, AlertRule]:
    """Give the rules that are switched on."""
    beside = ("person", "channel", "escalate_to", "segment")
    kept = AlertRule.objects.filter(is_on=True).select_related(*beside)
    return {rule.pk: rule for rule in kept.order_by("pk")}


def after_publication(publication_id: int) -> int:
    """Raise alerts on what a publication changed; give how many are told.

    Without a former publication to compare with nothing is raised: history is not news.
    """
    latest = Publication.objects.filter(pk=publication_id, status=Status.PUBLISHED).first()
    former = None if latest is None else _former(latest)
    rules = in_use()
    if latest is None or former is None or not rules:
        return 0
    watched, refused = readable(rules.values(), Published(latest).currency)
    if refused:
        log.warning("rules that cannot be read: %s", refused)
    panel, trail = past_of(Published(latest))
    found = compare(_frame(former), _frame(latest), watched, panel=panel, trail=trail)
    tally = take(
        turned=found.turned,
        rules=rules,
        currency=Published(latest).currency,
        at=timezone.now(),
    )
    _note(latest, rules.values(), found, refused, tally)
    return tally.told.total()


def begin(days: int) -> int:
    """Raise alerts on what turned in the last days, as the facts of both days tell it.

    For a first look only: it goes by facts as they were known then, and what models conclude is
    known of today alone, so that nothing is told of that.
    """
    state, rules = published(), in_use()
    if state is None or state.publication.as_of is None or not rules:
        return 0
    day = state.publication.as_of
    former = facts_as_of(store(), day - timedelta(days=days), run_options()).drop_columns("day")
    watched, _refused = readable(rules.values(), state.currency)
    before = Frame(day - timedelta(days=days), rows=former)
    panel, trail = past_of(state)
    found = compare(before, _frame(state.publication), watched, panel=panel, trail=trail)
    turned, now = found.turned, timezone.now()
    return take(turned=turned, rules=rules, currency=state.currency, at=now).told.total()


def _former(latest: Publication) -> Publication | None:
    since = timezone.now() - KEPT
    earlier = Publication.objects.filter(status=Status.PUBLISHED, published_at__gt=since)
    return earlier.filter(pk__lt=latest.pk).order_by("-pk").first()


def _frame(publication: Publication) -> Frame:
    assert publication.as_of is not None
    return Frame(publication.as_of, Published(publication).files(FACTS))


def _note(
    latest: Publication,
    rules: Iterable[AlertRule],
    found: Findings,
    refused: dict[int, str],
    tally: Tally,
) -> None:
    """Keep of each rule what it did, also that it did nothing, and why."""
    at = timezone.now()
    for rule in rules:
        held: dict[str, Any] = dict(tally.held[rule.pk])
        began = tally.told[rule.pk] + tally.held[rule.pk].total() + found.storms.get(rule.pk, 0)
        missing = found.refused.get(rule.pk) or refused.get(rule.pk)
        if missing:
            held = {"missing": missing}
        Evaluation.objects.update_or_create(
            rule=rule,
            publication=latest.pk,
            defaults={
                "at": at,
                "began": began,
                "told": tally.told[rule.pk],
                "held": held,
                "is_storm": rule.pk in found.storms,
            },
        )
