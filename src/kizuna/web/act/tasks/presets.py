"""What forms begin with: an alert's advice, a task as it stands; and a task in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kizuna.pipeline.business_days import between
from kizuna.web.accounts.models import Person
from kizuna.web.act.tasks import wording
from kizuna.web.act.tasks.days import closed_around, day_of, due
from kizuna.web.act.tasks.models import Task
from kizuna.web.know.alerts import queries as alerts
from kizuna.web.know.alerts.models import Alert, Severity
from kizuna.web.know.alerts.owners import owners_of
from kizuna.web.know.customers.naming import names_of
from kizuna.web.know.publications.queries import published
from kizuna.web.ui.templatetags.ui import minor_money

DUE_IN = {Severity.SERIOUS: 1, Severity.CAUTION: 3}
USUAL_DUE_IN = 5


@dataclass(frozen=True, slots=True)
class Start:
    """For whom a task is opened, from what, and what its form begins with."""

    customer_id: str
    name: str
    alert: Alert | None
    initial: dict[str, Any]


def start(person: Person, customer_id: str, alert_id: str) -> Start | None:
    """Begin a task for a customer, or from an alert; None where there is no such alert."""
    today = day_of(timezone.now())
    alert = None
    initial: dict[str, Any] = {"due_on": due(today, USUAL_DUE_IN)}
    if alert_id:
        alert = alerts.one(person, int(alert_id)) if _is_number(alert_id) else None
        if alert is None:
            return None
        (told,) = alerts.told([alert])
        customer_id = alert.customer_id
        days = DUE_IN.get(Severity(alert.severity), USUAL_DUE_IN)
        initial = {"title": told.title[:200], "body": told.advice, "due_on": due(today, days)}
    name = names_of([customer_id]).get(customer_id, customer_id)
    return Start(
        customer_id,
        name,
        alert,
        {"owner": owners_of([customer_id]).get(customer_id, person), **initial},
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def of_task(task: Task) -> dict[str, Any]:
    """Give a task as its form shows it."""
    names = ("title", "body", "owner", "cover", "due_on", "planned_minutes", "version")
    return {name: getattr(task, name) for name in names}


@dataclass(frozen=True, slots=True)
class Told:
    """A task in words."""

    name: str
    due: str
    ended: tuple[str, str]
    cost: str


def told(task: Task) -> Told:
    """Put a task into words."""
    today, state = day_of(timezone.now()), published()
    left = between(today, task.due_on, closed_around(today))
    currency = state.currency if state else "XXX"
    return Told(
        names_of([task.customer_id]).get(task.customer_id, task.customer_id),
        wording.due_text(left, is_past=task.due_on < today),
        wording.ended(task) if task.state != "open" else ("", ""),
        "" if task.cost is None else minor_money(task.cost, currency),
    )


def in_control_group() -> str:
    """Say why a task was not opened."""
    return _(
        "This customer is in the control group, whom nothing optional reaches, so that what "
        "everything together earns can be told. If this has to be done, tick the box."
    )
