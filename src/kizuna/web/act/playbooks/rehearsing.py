"""A playbook tried on past weeks: the trigger of live runs, and the walk of the engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from kizuna.jobs.dry_run import Past, basis_told, past
from kizuna.jobs.rehearsal import MOST_ENTRIES, Entry, Later, by_event, by_facts, later
from kizuna.jobs.transitions import FRAMES
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.errors import InputError
from kizuna.pipeline.parameters import minor_units
from kizuna.pipeline.rules import writing
from kizuna.web.act.actions.models import Action
from kizuna.web.act.playbooks.advancing import clock
from kizuna.web.act.playbooks.hours import Clock
from kizuna.web.act.playbooks.models import Rehearsal
from kizuna.web.act.playbooks.plan import Plan, plan_of
from kizuna.web.act.playbooks.steps import KINDS, Expected
from kizuna.web.act.playbooks.triggers import watched_of, watches_facts
from kizuna.web.act.playbooks.truths import rule_of
from kizuna.web.act.playbooks.walking import Standing, move
from kizuna.web.know.publications.queries import Published, published
from kizuna.web.know.publications.services import business_calendar, run_options, store

SHOWN = 200
"""Customers who are named; the others are counted."""
ENTERS_AT = time(9)
MOST_MOVES = 200


@dataclass(slots=True)
class Trial:
    """What would have been done, while it is added up."""

    entered: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    deeds: int = 0
    minutes: float = 0.0
    units: int = 0
    customers: list[dict[str, Any]] = field(default_factory=list)
    by_week: Counter[str] = field(default_factory=Counter)


def run(pk: int) -> None:
    """Say what a playbook would have done; why it cannot be said is kept too."""
    asked = Rehearsal.objects.select_related("playbook__action").get(pk=pk)
    try:
        asked.found = _tried(asked)
    except InputError as error:
        asked.problem = str(error)[:300]
    asked.done_at = timezone.now()
    asked.save(update_fields=["found", "problem", "done_at"])


def _tried(asked: Rehearsal) -> dict[str, Any]:
    state, plan = published(), plan_of(asked.said)
    if state is None or state.publication.as_of is None:
        raise InputError("nothing is published yet.")
    if plan.when == "by_hand":
        raise InputError("it is started by hand: the past does not tell for whom.")
    with Engine(threads=2) as engine:
        entries, after, weekly = _looked_up(engine, asked, plan, state)
        known, basis = set(engine.schema(FRAMES).names), basis_told(weekly)
        stands_for = weekly.stands_for({entry.customer_id for entry in entries})
    trial = followed(plan, entries, after, weekly.days[-1], clock())
    found = told(trial, asked.playbook.action, weekly.days, len(entries))
    unknown = sorted({f for text in plan.rules for f in rule_of(text).facts} - known)
    about = round((trial.entered + found["not_followed"]) * stands_for)
    return found | basis | {"unknown": unknown, "about": about}


def _looked_up(
    engine: Engine, asked: Rehearsal, plan: Plan, state: Published
) -> tuple[list[Entry], Later, Past]:
    last = state.publication.as_of
    assert last is not None
    span = (last - timedelta(days=7 * asked.weeks), last)
    facts = {fact for text in plan.rules for fact in rule_of(text).facts}
    watched = None
    if watches_facts(plan):
        watched = watched_of(asked.pk, plan, state.currency, business_calendar(), span)
        facts |= set(watched.facts)
    weekly = past(
        engine,
        store(),
        last=last,
        many=asked.weeks,
        timezone=settings.TIME_ZONE,
        currency=state.currency,
        only=facts,
        options=run_options(),
    )
    known = set(engine.schema(FRAMES).names)
    name = str(plan.trigger.get("event", ""))
    entries = by_facts(weekly, watched) if watched else by_event(engine, name, weekly.days[0])
    customers = sorted({entry.customer_id for entry in entries[:MOST_ENTRIES]})
    units = minor_units(state.currency)
    rules = [writing.sql(rule_of(t).part, today="day", minor_units=units) for t in plan.rules]
    usable = [
        sql if set(rule_of(text).facts) <= known else "NULL"
        for text, sql in zip(plan.rules, rules, strict=True)
    ]
    return entries, later(weekly, usable, customers), weekly


def followed(plan: Plan, entries: Sequence[Entry], after: Later, last: date, tells: Clock) -> Trial:
    """Let each entry go its way, as far as the past reaches."""
    trial = Trial()
    until: dict[str, date] = {}
    for entry in entries[:MOST_ENTRIES]:
        former = until.get(entry.customer_id)
        if former is not None and not _may_again(plan, former, entry.day):
            continue
        until[entry.customer_id] = _follow(plan, entry, after, last, tells, trial)
    return trial


def _may_again(plan: Plan, former: date, day: date) -> bool:
    if plan.again == "never" or day <= former:
        return False
    days = plan.again_days if plan.again == "after_days" else 0
    return day - former >= timedelta(days=days)


def _follow(plan: Plan, entry: Entry, after: Later, last: date, tells: Clock, trial: Trial) -> date:
    """Walk one customer; give the day on which she was through, or the last that is known."""
    rules = {text: at for at, text in enumerate(plan.rules)}
    now = datetime.combine(entry.day, ENTERS_AT, ZoneInfo(settings.TIME_ZONE))
    at, did, ended = Standing(entry.customer_id), 0, "going"
    trial.entered += 1
    trial.by_week[(entry.day - timedelta(days=entry.day.weekday())).isoformat()] += 1
    for _turn in range(MOST_MOVES):
        holds = partial(_held, after, rules, entry.customer_id, now.date())
        goes = move(plan, at, now, holds, tells)
        trial.steps.update(goes.passed)
        for deed in goes.deeds:
            did += 1
            _add(trial, plan, deed.step.id)
        at = Standing(entry.customer_id, goes.step, goes.turn)
        if goes.wake_at is None:
            ended = goes.ended
            break
        if goes.wake_at.date() > last:
            break
        now = goes.wake_at
    trial.ends[ended] += 1
    if len(trial.customers) < SHOWN:
        said = {"customer": entry.customer_id, "on": entry.day.isoformat()}
        trial.customers.append(said | {"steps": did, "ended": ended})
    return min(now.date(), last) if ended != "going" else last


def _held(after: Later, rules: Mapping[str, int], customer_id: str, on: date, text: str) -> bool:
    return after.holds(rules[text], customer_id, on)


def _add(trial: Trial, plan: Plan, name: str) -> None:
    step = plan.steps[name]
    kind = KINDS.get(step.do)
    takes = kind.expects(step.values) if kind else Expected()
    trial.deeds += 1
    trial.minutes += takes.minutes
    trial.units += takes.units


def told(trial: Trial, action: Action, days: Sequence[date], entries: int) -> dict[str, Any]:
    """Put what was found into the form that is kept."""
    cost = trial.units * action.cost_per_unit + trial.minutes * action.cost_per_minute
    holdout = action.holdout if action.is_optional else 0.0
    return {
        "entered": trial.entered,
        "held_out": round(trial.entered * holdout),
        "steps": trial.deeds,
        "minutes": trial.minutes,
        "cost": round(cost),
        "came": dict(trial.steps),
        "ends": dict(trial.ends),
        "customers": trial.customers,
        "by_week": sorted(trial.by_week.items()),
        "from": days[0].isoformat(),
        "to": days[-1].isoformat(),
        "not_followed": max(0, entries - MOST_ENTRIES),
    }
