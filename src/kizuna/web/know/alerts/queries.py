"""Reads: the inbox, one alert, the rules and what they did."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Exists, F, OuterRef, QuerySet, Value, When
from django.urls import reverse
from django.utils import timezone

from kizuna.web.accounts.models import Person, Role
from kizuna.web.capture.identities.queries import belonging
from kizuna.web.know.alerts import facts
from kizuna.web.know.alerts.models import (
    Alert,
    AlertRule,
    Cause,
    Channel,
    DryRun,
    Evaluation,
    Notice,
    Reason,
    Severity,
    Snooze,
    State,
)
from kizuna.web.know.alerts.stakes import stake
from kizuna.web.know.customers.naming import names_of

A_PAGE = 20
WHOSE = ("mine", "shared", "all")
STATES = ("open", "snoozed", "ended")


@dataclass(frozen=True, slots=True)
class Told:
    """An alert in words, in the language in use."""

    alert: Alert
    name: str
    title: str
    advice: str
    reasons: Sequence[Reason]
    changes: Sequence[str]
    stake: str
    severity_word: str
    snoozed_until: datetime | None

    @property
    def path(self) -> str:
        """Where it is read."""
        return reverse("alerts:one", args=[self.alert.pk])

    def as_json(self) -> dict[str, Any]:
        """Give it as programs read it."""
        alert = self.alert
        return {
            "id": alert.pk,
            "customer_id": alert.customer_id,
            "cause": alert.cause,
            "severity": alert.severity,
            "title": self.title,
            "what_changed": [
                {"fact": fact, "before": before, "now": now}
                for reason in self.reasons
                for fact, before, now in reason.changes
            ],
            "value": alert.value,
            "value_at_risk": alert.at_risk,
            "value_of": alert.stake_of,
            "decided_on": alert.stake_on and alert.stake_on.isoformat(),
            "currency": alert.currency,
            "unit": "minor",
            "what_to_do": self.advice,
            "raised_at": alert.raised_at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class RuleState:
    """A rule, and what it last did."""

    rule: AlertRule
    last: Evaluation | None

    @property
    def is_muted(self) -> bool:
        """Whether it raises nothing just now."""
        return self.rule.muted_until is not None and self.rule.muted_until > timezone.now()


def visible(person: Person) -> QuerySet[Alert]:
    """Give the alerts that a person may read: all of them, as every customer's page shows them."""
    return Alert.objects.all() if person.may(Role.VIEWER) else Alert.objects.none()


def gravest() -> Case:
    """Order by severity: 0 is what is urgent."""
    order = reversed(list(Severity))
    return Case(*(When(severity=s, then=Value(at)) for at, s in enumerate(order)))


def inbox(person: Person, whose: str, state: str, number: int) -> Page[Alert]:
    """Give a page of alerts, the gravest, the latest, and of one look the most at stake first."""
    kept = _standing(visible(person), state)
    if whose == "mine":
        kept = kept.filter(person=person)
    elif whose == "shared":
        kept = kept.filter(person=None)
    return Paginator(kept.select_related("person"), A_PAGE).get_page(number)


def counts(person: Person) -> dict[str, int]:
    """Count open alerts by whose they are."""
    kept = _standing(visible(person), "open").order_by()
    return {
        "mine": kept.filter(person=person).count(),
        "shared": kept.filter(person=None).count(),
        "all": kept.count(),
    }


def open_of(person: Person, many: int) -> list[Alert]:
    """Give the gravest open alerts of a person that are not snoozed."""
    return list(_standing(visible(person), "open").filter(person=person)[:many])


def open_alerts_of(person: Person) -> list[str]:
    """Name the customer of each open alert of a person that is not snoozed."""
    kept = _standing(visible(person), "open").filter(person=person)
    return [str(customer_id) for customer_id in kept.values_list("customer_id", flat=True)]


def _standing(kept: QuerySet[Alert], state: str) -> QuerySet[Alert]:
    quiet = _snoozes()
    if state == "ended":
        return kept.exclude(state=State.OPEN).order_by("-ended_at", "-pk")
    opened = kept.filter(state=State.OPEN)
    chosen = opened.filter(Exists(quiet)) if state == "snoozed" else opened.exclude(Exists(quiet))
    most = (F(name).desc(nulls_last=True) for name in ("at_risk", "value"))
    return chosen.order_by(gravest(), "-last_at", *most, "-pk")


def _snoozes() -> QuerySet[Snooze]:
    """Give the snoozes that cover an alert of the outer query."""
    return Snooze.objects.filter(
        customer_id=OuterRef("customer_id"),
        cause=OuterRef("cause"),
        until_at__gt=timezone.now(),
    )


def one(person: Person, pk: int) -> Alert | None:
    """Give one alert; None where there is none that the person may read."""
    return visible(person).select_related("person", "ended_by").filter(pk=pk).first()


def of_customer(customer_id: str, many: int = 5) -> list[Told]:
    """Tell the open alerts of a customer."""
    kept = Alert.objects.filter(belonging(customer_id), state=State.OPEN)
    return told(kept.order_by(gravest(), "-last_at")[:many])


def told(alerts: Iterable[Alert]) -> list[Told]:
    """Put alerts into words: three questions to the database, however many they are."""
    some = list(alerts)
    reasons = _reasons(some)
    names = names_of([alert.customer_id for alert in some])
    quiet = _quiet(some)
    return [
        _told(
            alert,
            names.get(alert.customer_id, alert.customer_id),
            reasons[alert.pk],
            quiet.get((alert.customer_id, alert.cause)),
        )
        for alert in some
    ]


def _reasons(alerts: Sequence[Alert]) -> Mapping[int, list[Reason]]:
    found: defaultdict[int, list[Reason]] = defaultdict(list)
    for reason in Reason.objects.filter(alert__in=alerts).order_by("-at", "-pk"):
        found[reason.alert_id].append(reason)
    return found


def _quiet(alerts: Sequence[Alert]) -> dict[tuple[str, str], datetime]:
    ids = {alert.customer_id for alert in alerts}
    kept = Snooze.objects.filter(customer_id__in=ids, until_at__gt=timezone.now())
    return {(s.customer_id, s.cause): s.until_at for s in kept}


def _told(alert: Alert, name: str, reasons: Sequence[Reason], snoozed: datetime | None) -> Told:
    shown = dict.fromkeys(
        facts.change(fact, before, now, alert.currency)
        for reason in reasons
        for fact, before, now in reason.changes
        if facts.tells(fact, before, now, alert.cause)
    )
    return Told(
        alert,
        name,
        " · ".join(dict.fromkeys(reason.title for reason in reasons)) or _cause(alert),
        "\n".join(dict.fromkeys(reason.advice for reason in reasons)),
        reasons,
        list(shown),
        stake(alert),
        str(Severity(alert.severity).label),
        snoozed,
    )


def _cause(alert: Alert) -> str:
    return str(Cause(alert.cause).label)


def rules() -> list[RuleState]:
    """List the rules, each with what it last did."""
    last: dict[int, Evaluation] = {}
    for evaluation in Evaluation.objects.filter(Exists(_latest())).order_by("pk"):
        last[evaluation.rule_id] = evaluation
    kept = AlertRule.objects.select_related("person", "channel").order_by("cause", "name")
    return [RuleState(rule, last.get(rule.pk)) for rule in kept]


def _latest() -> QuerySet[Evaluation]:
    same = Evaluation.objects.filter(rule=OuterRef("rule"))
    newest = same.order_by("-publication").values("pk")[:1]
    return Evaluation.objects.filter(pk=OuterRef("pk"), pk__in=newest)


def rule(pk: int) -> AlertRule | None:
    """Give one rule; None where there is none."""
    return AlertRule.objects.filter(pk=pk).first()


def evaluations(rule_id: int, many: int = 10) -> list[Evaluation]:
    """List what a rule did after the latest publications."""
    return list(Evaluation.objects.filter(rule=rule_id).order_by("-publication")[:many])


def last_dry_run(rule_id: int) -> DryRun | None:
    """Give the latest trial of a rule on the past."""
    return DryRun.objects.filter(rule=rule_id).order_by("-asked_at", "-pk").first()


def channels() -> QuerySet[Channel]:
    """List the channels."""
    return Channel.objects.order_by("name")


def troubles(many: int = 5) -> list[Notice]:
    """List messages that did not arrive, the latest first."""
    kept = Notice.objects.filter(sent_at=None).exclude(problem="")
    return list(kept.select_related("channel", "person").order_by("-due_at")[:many])
