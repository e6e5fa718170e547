"""What turned becomes alerts: one a customer and cause, told once, to whom it concerns."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import batched
from typing import Any

from django.db import transaction
from django.db.models import Q

from kizuna.jobs.watch import Turned
from kizuna.web.accounts.models import Person, Role
from kizuna.web.jobs.services import announce
from kizuna.web.know.alerts.conditions import as_json
from kizuna.web.know.alerts.hours import due_at
from kizuna.web.know.alerts.models import (
    Alert,
    AlertRule,
    Beginning,
    Notice,
    Reason,
    Severity,
    Snooze,
    State,
    To,
)
from kizuna.web.know.alerts.owners import owners_of

A_PART = 500
"""Customers of one transaction."""
RAISED = "alert_raised"
"""Announced of each alert that is told, with `alert_id`."""


@dataclass(slots=True)
class Tally:
    """What became of what began, by rule: told, or held back and why."""

    told: Counter[int] = field(default_factory=Counter)
    held: defaultdict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    raised: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Known:
    """What the records say of some customers, read at once."""

    opened: dict[tuple[str, str], Alert]
    beginnings: dict[tuple[int, str], Beginning]
    snoozes: dict[tuple[str, str], Snooze]
    owners: Mapping[str, Person]


def take(
    *, turned: Sequence[Turned], rules: Mapping[int, AlertRule], currency: str, at: datetime
) -> Tally:
    """Write what turned, a part a transaction; what is written already changes nothing."""
    tally, managers = Tally(), [p for p in Person.objects.filter(is_active=True) if _manages(p)]
    for part in batched(turned, A_PART):
        with transaction.atomic():
            known = _known(part)
            for one in part:
                rule = rules[one.key]
                if one.begins:
                    _begin(one, rule, known, currency, at, managers, tally)
                else:
                    _end(one, rule, at)
    return tally


def _manages(person: Person) -> bool:
    return person.may(Role.MANAGER)


def _known(part: Sequence[Turned]) -> Known:
    ids = {one.customer_id for one in part}
    opened = Alert.objects.select_for_update().filter(customer_id__in=ids, state=State.OPEN)
    beginnings = Beginning.objects.filter(customer_id__in=ids)
    return Known(
        {(a.customer_id, a.cause): a for a in opened},
        {(b.rule_id, b.customer_id): b for b in beginnings},
        {(s.customer_id, s.cause): s for s in Snooze.objects.filter(customer_id__in=ids)},
        owners_of(sorted(ids)),
    )


def _begin(
    one: Turned,
    rule: AlertRule,
    known: Known,
    currency: str,
    at: datetime,
    managers: Sequence[Person],
    tally: Tally,
) -> None:
    held = _held(one, rule, known, at)
    _remember(one, rule, known, at)
    if held:
        tally.held[rule.pk][held] += 1
        return
    alert = known.opened.get((one.customer_id, rule.cause))
    graver = alert is None or Severity(rule.severity).rank > Severity(alert.severity).rank
    if alert is None:
        alert = _opened(one, rule, known, currency, at)
        known.opened[one.customer_id, rule.cause] = alert
    elif Reason.objects.filter(alert=alert, rule=rule, is_over=False).exists():
        tally.held[rule.pk]["told"] += 1
        return
    _add(alert, one, rule, at, graver)
    snooze = known.snoozes.get((one.customer_id, rule.cause))
    if not graver or _silent(snooze, rule, at):
        tally.held[rule.pk]["same_cause" if not graver else "snoozed"] += 1
        return
    _tell(alert, rule, at, managers)
    tally.told[rule.pk] += 1
    tally.raised.append(alert.pk)
    transaction.on_commit(lambda: announce(RAISED, alert_id=alert.pk))


def _held(one: Turned, rule: AlertRule, known: Known, at: datetime) -> str:
    """Say why a beginning is not told; empty where it is."""
    if rule.muted_until and rule.muted_until > at:
        return "muted"
    former = known.beginnings.get((rule.pk, one.customer_id))
    quiet = timedelta(days=rule.quiet_days)
    return "flaps" if former and at - former.at < quiet else ""


def _remember(one: Turned, rule: AlertRule, known: Known, at: datetime) -> None:
    former = known.beginnings.get((rule.pk, one.customer_id))
    if former is None:
        made = Beginning.objects.create(rule=rule, customer_id=one.customer_id, at=at)
        known.beginnings[rule.pk, one.customer_id] = made
    else:
        former.at = at
        former.save(update_fields=["at"])


def _opened(one: Turned, rule: AlertRule, known: Known, currency: str, at: datetime) -> Alert:
    return Alert.objects.create(
        customer_id=one.customer_id,
        cause=rule.cause,
        severity=rule.severity,
        person=_whose(one, rule, known),
        raised_at=at,
        last_at=at,
        currency=currency,
        **_stake(one),
    )


def _whose(one: Turned, rule: AlertRule, known: Known) -> Person | None:
    """Give whose alert it is; None: that of all managers."""
    if rule.to == To.OWNER:
        return known.owners.get(one.customer_id) or rule.person
    return rule.person if rule.to == To.PERSON else None


def _add(alert: Alert, one: Turned, rule: AlertRule, at: datetime, graver: bool) -> None:
    """Add a reason; an alert that becomes graver counts as not seen."""
    Reason.objects.create(
        alert=alert,
        rule=rule,
        customer_id=one.customer_id,
        title=rule.name,
        advice=rule.advice,
        at=at,
        changes=[[c.fact, as_json(c.before), as_json(c.now)] for c in one.changes],
    )
    alert.last_at, stake = at, _stake(one)
    for name, value in stake.items():
        setattr(alert, name, value)
    if graver:
        alert.severity, alert.seen_at = rule.severity, None
    alert.save(update_fields=["last_at", "severity", "seen_at", *stake])


def _stake(one: Turned) -> dict[str, Any]:
    return {
        "value": one.value,
        "at_risk": one.at_risk,
        "stake_of": one.stake_of or "",
        "stake_on": one.stake_on,
    }


def _silent(snooze: Snooze | None, rule: AlertRule, at: datetime) -> bool:
    """Whether a snooze covers a rule: whatever the numbers do, but not what is graver."""
    if snooze is None or snooze.until_at <= at:
        return False
    return Severity(rule.severity).rank <= Severity(snooze.severity).rank


def _tell(alert: Alert, rule: AlertRule, at: datetime, managers: Sequence[Person]) -> None:
    due, said = due_at(rule, at), []
    if rule.by_mail:
        people = [alert.person] if alert.person else managers
        said += [Notice(alert=alert, person=p, pace=rule.pace, due_at=due) for p in people]
    if rule.channel_id:
        said.append(Notice(alert=alert, channel=rule.channel, pace=rule.pace, due_at=due))
    Notice.objects.bulk_create(said)


def _end(one: Turned, rule: AlertRule, at: datetime) -> None:
    """Note that a rule ceased to hold; an alert of which all reasons are over is over by itself."""
    mine = Q(rule=rule, customer_id=one.customer_id, is_over=False, alert__state=State.OPEN)
    for reason in Reason.objects.filter(mine).select_related("alert"):
        reason.is_over = True
        reason.save(update_fields=["is_over"])
        if not reason.alert.reasons.filter(is_over=False).exists():
            open_one = Alert.objects.filter(pk=reason.alert_id, state=State.OPEN)
            open_one.update(state=State.CLEARED, ended_at=at)
            Notice.objects.filter(alert=reason.alert_id, sent_at=None).delete()
