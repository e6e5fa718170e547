"""Tasks in words: the queue with its reasons, tabs, how an order comes about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kizuna.jobs.work_queue import AT_HAND, HALF_DAYS, Place
from kizuna.web.accounts.models import Person, Role
from kizuna.web.act.tasks.models import Outcome, State, Task
from kizuna.web.act.tasks.queries import Queue, Row
from kizuna.web.ui.components import Explain, Tab
from kizuna.web.ui.templatetags.ui import minor_money, writer

MOODS = {
    Outcome.HELPED: "good",
    Outcome.SPOKE: "info",
    Outcome.NO_ANSWER: "caution",
    Outcome.DECLINED: "caution",
    Outcome.NOT_NEEDED: "unknown",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A task as its queue shows it."""

    row: Row
    due: str
    due_mood: str
    turn: str
    turn_mood: str
    why: str

    @property
    def task(self) -> Task:
        """The task."""
        return self.row.task

    @property
    def customer_url(self) -> str:
        """Page of the customer."""
        return reverse("customers:one", query={"id": self.row.task.customer_id})


def lines(queue: Queue) -> list[Line]:
    """Say of each task why it stands where it stands."""
    return [_line(row, queue) for row in queue.rows]


def _line(row: Row, queue: Queue) -> Line:
    place = row.place
    return Line(
        row,
        due_text(place.days_left, is_past=row.task.due_on < queue.today),
        _due_mood(place.days_left),
        _turn(place, queue.today) if row.doer else "–",
        "serious" if place.too_late and row.doer else "info",
        _why(place, queue.currency),
    )


def due_text(days_left: int, *, is_past: bool = False) -> str:
    """Say when something is due, in business days."""
    count = abs(days_left)
    if days_left == 0:
        return _("was due on the last business day") if is_past else _("due today")
    if days_left < 0:
        text = ngettext("%(n)s business day late", "%(n)s business days late", count)
    else:
        text = ngettext("in %(n)s business day", "in %(n)s business days", count)
    return text % {"n": writer().number(count)}


def _due_mood(days_left: int) -> str:
    return "serious" if days_left < 0 else "caution" if days_left <= AT_HAND else "info"


def _turn(place: Place, today: date) -> str:
    """Say on which day its turn comes, and whether that is too late."""
    if place.planned_on is None:
        return _("nobody has time for it")
    day = _("today") if place.planned_on <= today else writer().day(place.planned_on)
    return _("%(day)s, too late") % {"day": day} if place.too_late else day


def _why(place: Place, currency: str) -> str:
    say = writer()
    said = {
        "stake": minor_money(place.stake, currency),
        "urgency": say.number(place.urgency, 2),
        "minutes": say.number(place.work.minutes),
        "worth": minor_money(place.a_minute, currency),
    }
    if place.first:
        return _("has to be done, and is due within one business day: goes first")
    if not place.is_stake_known:
        if place.a_minute and place.stake != 1.0:
            text = _(
                "stake not known, the usual %(stake)s is taken × urgency %(urgency)s ÷ "
                "%(minutes)s min = %(worth)s a minute"
            )
            return text % said
        text = _("stake not known; urgency %(urgency)s ÷ %(minutes)s min")
        return text % said
    text = _("%(stake)s × urgency %(urgency)s ÷ %(minutes)s min = %(worth)s a minute")
    return text % said


def business_days_told() -> str:
    """Say which days count as business days."""
    if settings.HOLIDAYS:
        text = _("Monday to Friday without public holidays (%(country)s) and days of your own")
        return text % {"country": settings.HOLIDAYS}
    return _("Monday to Friday, public holidays among them")


def explained() -> Explain:
    """Say how the order comes about."""
    return Explain(
        definition=_(
            "What is worth most a minute comes first. Urgency is 1 on the day a task is due, half "
            "%(days)s business days before, and grows by a tenth with each business day late, to "
            "at most 2. What has to be done goes first once it is due within one business day."
        )
        % {"days": HALF_DAYS},
        formula=_("value at risk × urgency ÷ minutes"),
        rows=_(
            "Value at risk as on My day, from customer_facts. Where it is not known the median of "
            "the queue is taken. The minutes a day that a person has for tasks cut the queue into "
            "days. Business days are %(days)s."
        )
        % {"days": business_days_told()},
    )


def whose_tabs(counts: Mapping[str, int], asked: str, state: str) -> list[Tab]:
    """Offer one's own tasks, those of nobody, and the team's."""
    names = {"mine": _("Mine"), "shared": _("Without an owner"), "team": _("The team's")}
    say = writer()
    return [
        Tab(
            _("%(name)s (%(n)s)") % {"name": name, "n": say.number(counts[key])},
            reverse("tasks:queue", query={"whose": key, "state": state}),
            key == asked,
        )
        for key, name in names.items()
    ]


def state_tabs(asked: str, state: str, person: Person) -> list[Tab]:
    """Offer what waits, what is put off, what has ended and, to managers, what is held out."""
    names = {"open": _("To do"), "snoozed": _("Put off"), "ended": _("Have ended")}
    if person.may(Role.MANAGER):
        names["held"] = _("Held out")
    return [
        Tab(label, reverse("tasks:queue", query={"whose": asked, "state": key}), key == state)
        for key, label in names.items()
    ]


def held_why(task: Task) -> str:
    """Say what kept a task from a customer."""
    words = {
        "held_out": _("Chance held this customer out"),
        "contaminated": _("Held out: two customers turned out to be one"),
        "global": _("Control group: nothing optional reaches this customer"),
        "paused": _("The action was paused"),
        "concluded": _("The action was concluded"),
    }
    return words.get(task.held_why, _("The action was not live"))


def ended(task: Task) -> tuple[str, str]:
    """Give the mood and the word of what came of a task."""
    if task.state == State.HELD:
        return "info", held_why(task)
    if task.outcome:
        return MOODS[Outcome(task.outcome)], str(Outcome(task.outcome).label)
    return "info", str(State(task.state).label)
