"""From the trigger of a playbook to what is watched: conditions in the words of the engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from kizuna.jobs.business_days import Calendar
from kizuna.jobs.transitions import Condition
from kizuna.jobs.watch import Watched
from kizuna.pipeline.engine import identifier
from kizuna.pipeline.errors import InputError
from kizuna.pipeline.parameters import minor_units
from kizuna.pipeline.rules import writing
from kizuna.web.act.playbooks.models import Playbook
from kizuna.web.act.playbooks.plan import DATES, Plan
from kizuna.web.act.playbooks.truths import rule_of
from kizuna.web.know.segments.models import Segment

OF_FACTS = ("rule_begins", "rule_ends", "segment_entered", "segment_left", "before")
ENDS = ("rule_ends", "segment_left")


def watches_facts(plan: Plan) -> bool:
    """Whether what starts it is seen in the facts of a customer."""
    return plan.when in OF_FACTS


def rule_text(plan: Plan) -> str:
    """Give the rule that its trigger asks, which of a segment is that of the segment now."""
    if "rule" in plan.trigger:
        return str(plan.trigger["rule"])
    name = str(plan.trigger.get("segment", ""))
    kept = Segment.objects.filter(name=name).first()
    if kept is None or not kept.rule:
        raise InputError(f"there is no live segment called {name!r}.")
    return kept.rule


def watched_of(
    key: int, plan: Plan, currency: str, calendar: Calendar, days: tuple[date, date]
) -> Watched:
    """Say what the trigger of a plan watches, on days between two; raises InputError."""
    if plan.when == "before":
        fact = DATES[str(plan.trigger["of"])]
        sql = before_sql(fact, int(plan.trigger["business_days"]), calendar, *days)
        return Watched(Condition(key, sql), (fact,))
    rule = rule_of(rule_text(plan))
    sql = writing.sql(rule.part, today="day", minor_units=minor_units(currency))
    if plan.when in ENDS:
        sql = f"NOT ({sql})"
    return Watched(Condition(key, sql), rule.facts)


def before_sql(fact: str, count: int, calendar: Calendar, first: date, last: date) -> str:
    """SQL: whether a date is no more than so many business days off, on each of some days."""
    reach = _reach(count, calendar, first, last)
    listed = ", ".join(map(str, reach))
    name = identifier(fact)
    return f"{name} >= 0 AND {name} <= [{listed}][date_diff('day', DATE '{first}', \"day\") + 1]"


def _reach(count: int, calendar: Calendar, first: date, last: date) -> list[int]:
    """Give for each day how many days off a date is that lies so many business days ahead."""
    closed = calendar.closed_days(first, last + timedelta(days=2 * count + 60))
    return [
        _ahead(first + timedelta(days=n), count, closed) for n in range((last - first).days + 1)
    ]


def _ahead(day: date, count: int, closed: frozenset[date]) -> int:
    left, days = count, 0
    while left and days < 2 * count + 60:
        days += 1
        left -= day + timedelta(days=days) not in closed
    return days


def readable(
    plans: Mapping[int, Plan], currency: str, calendar: Calendar, days: tuple[date, date]
) -> tuple[list[Watched], dict[int, str]]:
    """Give what plans watch, and why others cannot: these enrol nobody, and their page says so."""
    good: list[Watched] = []
    refused: dict[int, str] = {}
    for key, plan in plans.items():
        if not watches_facts(plan):
            continue
        try:
            good.append(watched_of(key, plan, currency, calendar, days))
        except InputError as error:
            refused[key] = str(error)
    return good, refused


def listening(plans: Iterable[Plan]) -> frozenset[str]:
    """Name the events that start or end some plans."""
    starts = {str(p.trigger.get("event", "")) for p in plans if p.when == "event"}
    return frozenset(starts | {p.exit_event for p in plans}) - {""}


def of_playbooks(playbooks: Iterable[Playbook]) -> dict[int, Plan]:
    """Lay out the live versions of playbooks."""
    from kizuna.web.act.playbooks.enrolling import plan_in

    return {one.pk: plan_in(one.live) for one in playbooks if one.live is not None}
