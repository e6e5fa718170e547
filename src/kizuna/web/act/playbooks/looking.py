"""Who enters, and who leaves: after a publication, and when something of now comes in.

The evaluation is that of alerts and of rules tried on the past: who did not satisfy a trigger and
now does. What a customer did before the playbook went live starts nothing.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from kizuna.jobs.drain import Batch
from kizuna.jobs.past_facts import facts_as_of
from kizuna.jobs.watch import Findings, Frame, compare
from kizuna.web.act.actions.models import Action
from kizuna.web.act.playbooks.enrolling import Entered, as_now, enter, live_playbooks, plan_in
from kizuna.web.act.playbooks.leaving import withdraw
from kizuna.web.act.playbooks.models import Enrolment, Evaluation, Heard, Playbook, State, Version
from kizuna.web.act.playbooks.plan import Plan
from kizuna.web.act.playbooks.triggers import listening, of_playbooks, readable, watches_facts
from kizuna.web.act.playbooks.truths import FACTS, truths
from kizuna.web.act.surveys.hooks import LowAnswer
from kizuna.web.know.alerts.live import rows_before_and_now
from kizuna.web.know.publications.models import Publication, Status
from kizuna.web.know.publications.queries import Published, published
from kizuna.web.know.publications.services import business_calendar, run_options, store

log = logging.getLogger("kizuna.playbooks")
KEPT = timedelta(days=6)
"""Tables of publications that are older may have been tidied away."""
AT_ONCE = 2_000
PANEL = "fact_panel"
LOW_ANSWER = "Low answer"
"""Event of a low answer in any survey; “Low answer: <name>” is that of one."""


def after_publication(publication_id: int) -> int:
    """Have customers enter whom a publication brought to a trigger; give how many are on the way.

    Without a former publication to compare with nobody enters: history is not news.
    """
    latest = Publication.objects.filter(pk=publication_id, status=Status.PUBLISHED).first()
    playbooks = {one.pk: one for one in live_playbooks()}
    if latest is None or latest.as_of is None or not playbooks:
        return 0
    _leave(playbooks)
    former = _former(latest)
    if former is None or former.as_of is None:
        return 0
    state, plans = Published(latest), of_playbooks(playbooks.values())
    days = (min(former.as_of, latest.as_of) - timedelta(days=1), latest.as_of)
    watched, refused = readable(plans, state.currency, business_calendar(), days)
    panel = state.files(PANEL) if state.has(PANEL) else ()
    found = compare(
        Frame(former.as_of, Published(former).files(FACTS)),
        Frame(latest.as_of, state.files(FACTS)),
        watched,
        panel=panel,
    )
    done = _enter_all(playbooks, found, timezone.now())
    _note(latest, plans, found, refused, done)
    return sum(one.going for one in done.values())


def _former(latest: Publication) -> Publication | None:
    since = timezone.now() - KEPT
    earlier = Publication.objects.filter(status=Status.PUBLISHED, published_at__gt=since)
    return earlier.filter(pk__lt=latest.pk).order_by("-pk").first()


def _enter_all(
    playbooks: Mapping[int, Playbook], found: Findings, at: datetime
) -> dict[int, Entered]:
    begun: defaultdict[int, list[str]] = defaultdict(list)
    for one in found.turned:
        if one.begins:
            begun[one.key].append(one.customer_id)
    return {
        key: enter(playbook=playbooks[key], customer_ids=ids, reason="trigger", at=at)
        for key, ids in begun.items()
    }


def _note(
    latest: Publication,
    plans: Mapping[int, Plan],
    found: Findings,
    refused: Mapping[int, str],
    done: Mapping[int, Entered],
) -> None:
    """Keep of each playbook what its trigger did, also that it did nothing, and why."""
    for key, plan in plans.items():
        if not watches_facts(plan):
            continue
        one = done.get(key, Entered())
        missing = found.refused.get(key) or refused.get(key) or ""
        began = one.going + one.held_out + one.not_again + found.storms.get(key, 0)
        Evaluation.objects.update_or_create(
            playbook_id=key,
            publication=latest.pk,
            defaults={
                "at": timezone.now(),
                "began": began,
                "entered": one.going,
                "held_out": one.held_out,
                "is_storm": key in found.storms,
                "problem": missing[:300],
            },
        )


def _leave(playbooks: Mapping[int, Playbook]) -> None:
    """End the way of those of whom the exit rule of their version holds now."""
    open_ones = Enrolment.objects.filter(playbook__in=playbooks, state=State.GOING)
    by_version = open_ones.values_list("version", flat=True).distinct()
    for version in Version.objects.filter(pk__in=by_version).select_related("playbook__action"):
        rule, mine = plan_in(version).exit_rule, open_ones.filter(version=version)
        if rule:
            ids = list(mine.values_list("customer_id", flat=True))
            end(version.playbook.action, mine, truths({rule: ids})[rule])


def end(action: Action, open_ones: QuerySet[Enrolment], customer_ids: Collection[str]) -> int:
    """End enrolments of some customers by the exit condition, and what waits to be sent to them."""
    now, ended, ids = timezone.now(), 0, sorted(customer_ids)
    for at in range(0, len(ids), 500):
        some = open_ones.filter(customer_id__in=ids[at : at + 500])
        withdraw(action=action, customer_ids=_those_in(some), at=now)
        ended += some.update(state=State.EXITED, wake_at=None, ended_at=now, moved_at=now)
    return ended


def _those_in(some: QuerySet[Enrolment]) -> list[str]:
    return list(some.values_list("customer_id", flat=True))


def heard(batch: Batch) -> None:
    """Note what of now came in, as far as a live playbook listens."""
    if not batch.recent:
        return
    plans = of_playbooks(live_playbooks())
    if not plans:
        return
    names, now = listening(plans.values()), timezone.now()
    rows = {(who, name) for who, name, _at in batch.happened if name in names}
    if any(watches_facts(plan) for plan in plans.values()):
        rows |= {(who, "") for who in batch.recent}
    note(sorted(rows), now)


def note(rows: Sequence[tuple[str, str]], at: datetime) -> None:
    """Write down customers and what was heard of them, to be looked at soon."""
    Heard.objects.bulk_create(
        [Heard(customer_id=who, event=name[:200], at=at) for who, name in rows],
        update_conflicts=True,
        unique_fields=["customer_id", "event"],
        update_fields=["at"],
    )


def happened(*, event: str, customer_id: str, **_more: object) -> None:
    """Take word of another app that something happened with a customer, such as a low answer."""
    note([(customer_id, event)], timezone.now())


def answered_low(answer: LowAnswer) -> None:
    """Take word of a low answer in a survey, of whichever and of this one by its name."""
    names = (LOW_ANSWER, f"{LOW_ANSWER}: {answer.survey_name}")
    note([(answer.customer_id, name) for name in names], timezone.now())


def look() -> int:
    """Look at all of whom something was heard; give how many were."""
    rows = list(Heard.objects.order_by("at", "id")[:AT_ONCE])
    if not rows:
        return 0
    playbooks = {one.pk: one for one in live_playbooks()}
    plans, at = of_playbooks(playbooks.values()), timezone.now()
    turned = _turned(plans, [row.customer_id for row in rows if not row.event])
    with transaction.atomic():
        _by_events(playbooks, plans, [row for row in rows if row.event], at)
        for row in rows:
            # what is heard meanwhile has a later mark, and is looked at again
            Heard.objects.filter(pk=row.pk, at=row.at).delete()
        if turned is not None:
            _enter_all(playbooks, turned, at)
    return len(rows)


def _by_events(
    playbooks: Mapping[int, Playbook],
    plans: Mapping[int, Plan],
    rows: Sequence[Heard],
    at: datetime,
) -> None:
    told: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        told[row.event].append(row.customer_id)
    for key, plan in plans.items():
        if plan.exit_event in told:
            mine = Enrolment.objects.filter(playbook=key, state__in=[State.GOING, State.STUCK])
            end(playbooks[key].action, mine, as_now(told[plan.exit_event]))
        name = str(plan.trigger.get("event", "")) if plan.when == "event" else ""
        if name in told:
            enter(playbook=playbooks[key], customer_ids=told[name], reason=name, at=at)


def _turned(plans: Mapping[int, Plan], ids: Sequence[str]) -> Findings | None:
    """Find whose facts of this moment turned against what is published."""
    state = published()
    if not ids or state is None or not state.has(FACTS) or state.publication.as_of is None:
        return None
    as_of = state.publication.as_of
    today = max(timezone.localdate(), as_of)
    days = (as_of - timedelta(days=1), today)
    watched, _refused = readable(plans, state.currency, business_calendar(), days)
    read = {name for one in watched for name in one.facts}
    if not read:
        return None
    fresh = facts_as_of(store(), today, run_options(), as_now(ids), only=read)
    former, latest = rows_before_and_now(state, fresh)
    panel = state.files(PANEL) if state.has(PANEL) else ()
    return compare(
        Frame(as_of, rows=former), Frame(today, rows=latest), watched, panel=panel, live=True
    )
