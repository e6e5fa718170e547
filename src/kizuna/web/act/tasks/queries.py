"""Reads: whose turn what is and in which order, one task, what ended, a customer's tasks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from kizuna.jobs.portfolio import portfolio
from kizuna.jobs.work_queue import Place, Work, in_order
from kizuna.web.accounts.models import Person, Role
from kizuna.web.act.tasks.covering import covered_by, does, may_be_doing, standing_in
from kizuna.web.act.tasks.days import closed_around, day_of
from kizuna.web.act.tasks.models import USUAL_DAY, Absence, Comment, State, Task, WorkingTime
from kizuna.web.capture.identities.queries import belonging, whose
from kizuna.web.know.alerts.conditions import FACTS
from kizuna.web.know.customers.naming import names_of
from kizuna.web.know.publications.queries import published

MOST = 1_000
"""Tasks that are put into order; those that are due later wait beyond."""
A_PAGE = 50
OF_CUSTOMER = 5
WHOSE = ("mine", "shared", "team")
STATES = ("open", "snoozed", "ended", "held")


@dataclass(frozen=True, slots=True)
class Row:
    """A task in a queue: its place and the reasons, whom it is for, whose turn it is."""

    task: Task
    place: Place
    name: str
    doer: Person | None

    @property
    def is_covered(self) -> bool:
        """Whether somebody stands in for the owner."""
        return self.doer is not None and self.doer.pk != self.task.owner_id


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits, in its order; `more` tasks are due later than those that were ordered."""

    rows: Sequence[Row]
    more: int
    currency: str
    today: date
    covered: Sequence[Person] = ()

    @property
    def for_today(self) -> list[Row]:
        """Give what fits into today."""
        return [row for row in self.rows if row.place.planned_on == self.plan_day]

    @property
    def plan_day(self) -> date | None:
        """Day on which the first of them is done: today, or the next business day."""
        days = [row.place.planned_on for row in self.rows if row.place.planned_on]
        return min(days, default=None)

    @property
    def too_late(self) -> int:
        """Count what will not be done in time at this pace."""
        return sum(row.place.too_late for row in self.rows if row.doer is not None)


def queue(person: Person, asked: str = "mine") -> Queue:
    """Give what waits for a person, for nobody in particular, or for the whole team."""
    today = day_of(timezone.now())
    covers = standing_in(today)
    kept = _asked(person, asked, covers, today)
    tasks = list(kept.order_by("due_on", "pk").annotate(whose=whose())[: MOST + 1])
    covered = covered_by(person.pk, covers)
    people = {p.pk: p for p in Person.objects.all()} if tasks or covered else {}
    mine = [t for t in tasks[:MOST] if asked != "mine" or does(t, covers) == person.pk]
    rows, currency = _rows(mine, covers, people, today)
    if asked == "shared":
        rows.sort(key=lambda row: row.place.rank)
    return Queue(
        rows,
        max(kept.count() - MOST, 0) if len(tasks) > MOST else 0,
        currency,
        today,
        [people[pk] for pk in covered],
    )


def _asked(
    person: Person, asked: str, covers: Mapping[int, int], today: date
) -> QuerySet[Task, Task]:
    kept = visible(person).filter(_in_sight(today), state=State.OPEN)
    if asked == "mine":
        return kept.filter(Q(owner__in=may_be_doing(person.pk, covers)) | Q(cover=person))
    return kept.filter(owner=None) if asked == "shared" else kept


def _in_sight(today: date) -> Q:
    return Q(snoozed_until_on=None) | Q(snoozed_until_on__lte=today)


def _rows(
    tasks: Sequence[Task], covers: Mapping[int, int], people: Mapping[int, Person], today: date
) -> tuple[list[Row], str]:
    """Put the tasks of each person into their order, and all of them by what a minute is worth."""
    if not tasks:
        return [], "XXX"
    state, closed = published(), closed_around(today)
    known = _known(state, [_whose(task) for task in tasks])
    by_doer: defaultdict[int | None, list[Task]] = defaultdict(list)
    for task in tasks:
        by_doer[does(task, covers)].append(task)
    minutes = minutes_of([pk for pk in by_doer if pk is not None])
    places: dict[int, Place] = {}
    for doer, some in by_doer.items():
        a_day = minutes.get(doer, USUAL_DAY) if doer is not None else 0
        works = [_work(task, known) for task in some]
        for place in in_order(works, today=today, minutes_a_day=a_day, closed=closed):
            places[place.work.key] = place
    names = names_of([_whose(task) for task in tasks])
    rows = [
        Row(
            task,
            places[task.pk],
            names.get(_whose(task), task.customer_id),
            people.get(does(task, covers) or 0),
        )
        for task in tasks
    ]
    single = len(by_doer) == 1
    rows.sort(key=lambda r: r.place.rank if single else (not r.place.first, -r.place.a_minute))
    return rows, state.currency if state else "XXX"


def _known(state: Any, customer_ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    if state is None or not state.has(FACTS) or not customer_ids:
        return {}
    found = portfolio(state.files(FACTS), sorted(set(customer_ids)))
    return {str(row["customer_id"]): row for row in found}


def _work(task: Task, known: Mapping[str, Mapping[str, Any]]) -> Work:
    fact = known.get(_whose(task), {})
    return Work(
        task.pk, task.due_on, task.planned_minutes, fact.get("at_risk"), must=not task.is_optional
    )


def _whose(task: Task) -> str:
    return str(getattr(task, "whose", "") or task.customer_id)


def minutes_of(people: Iterable[int]) -> dict[int, int]:
    """Give the minutes a day of those who said how many."""
    kept = WorkingTime.objects.filter(person__in=list(people))
    return dict(kept.values_list("person", "minutes_a_day"))


def visible(person: Person) -> QuerySet[Task, Task]:
    """Give the tasks that a person may read: all of them, as the pages of customers show them."""
    kept = Task.objects.select_related("owner", "cover", "action")
    return kept if person.may(Role.VIEWER) else kept.none()


def counts(person: Person) -> dict[str, int]:
    """Count what waits, by whose it is."""
    today = day_of(timezone.now())
    covers = standing_in(today)
    kept = _asked(person, "mine", covers, today).select_related(None)
    hers = sum(does(task, covers) == person.pk for task in kept.order_by("due_on", "pk")[:MOST])
    waiting = visible(person).filter(_in_sight(today), state=State.OPEN)
    return {
        "mine": hers,
        "shared": waiting.filter(owner=None).count(),
        "team": waiting.count(),
    }


def others(person: Person, asked: str, state: str, number: int) -> Page[Task]:
    """Give a page of tasks that wait for another day, have ended, or are held out by chance."""
    kept = visible(person)
    if asked == "mine":
        kept = kept.filter(Q(owner=person) | Q(ended_by=person))
    elif asked == "shared":
        kept = kept.filter(owner=None)
    return Paginator(_standing(kept, state), A_PAGE).get_page(number)


def _standing(kept: QuerySet[Task, Task], state: str) -> QuerySet[Task, Task]:
    if state == "snoozed":
        today = day_of(timezone.now())
        asleep = kept.filter(state=State.OPEN, snoozed_until_on__gt=today)
        return asleep.order_by("snoozed_until_on", "pk")
    if state == "held":
        return kept.filter(state=State.HELD).order_by("-opened_at", "-pk")
    ended = kept.filter(state__in=[State.DONE, State.DROPPED])
    return ended.order_by("-ended_at", "-pk")


def one(person: Person, pk: int) -> Task | None:
    """Give one task; None where there is none that the person may read."""
    kept = visible(person).select_related("alert", "opened_by", "ended_by")
    return kept.filter(pk=pk).first()


def comments_on(task: Task) -> list[Comment]:
    """List what was written at a task, the earliest first."""
    kept = Comment.objects.filter(task=task).select_related("note__author")
    return list(kept.order_by("note__written_at", "pk"))


def of_customer(customer_id: str, many: int = OF_CUSTOMER) -> list[Task]:
    """List a customer's open tasks, those due first, and then those that ended last."""
    kept = Task.objects.filter(belonging(customer_id)).exclude(state=State.HELD)
    first = F("ended_at").desc(nulls_first=True)
    return list(kept.select_related("owner").order_by(first, "due_on", "pk")[:many])


def absences(people: Iterable[Person]) -> list[Absence]:
    """List who is or will be away."""
    coming = Absence.objects.filter(until_on__gte=day_of(timezone.now()), person__in=list(people))
    return list(coming.select_related("person", "cover").order_by("from_on", "pk"))


def team() -> list[Person]:
    """List who may do tasks."""
    everyone = Person.objects.filter(is_active=True).order_by("name", "pk")
    return [person for person in everyone if person.may(Role.MEMBER)]
