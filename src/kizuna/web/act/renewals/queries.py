"""Reads: what comes due and in which order, one renewal, the forecast, how well people foretold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from kizuna.jobs.renewals import Foretold, Month, Record, Word, forecast, on_ladder, record
from kizuna.web.accounts.models import Person, Role
from kizuna.web.act.actions.models import Action
from kizuna.web.act.renewals.models import (
    KEPT,
    Escalation,
    Feed,
    Judgement,
    Ladder,
    LossReason,
    Renewal,
    Rung,
    State,
    Step,
)
from kizuna.web.act.renewals.services.choosing import ladders
from kizuna.web.act.tasks.days import closed_around, day_of
from kizuna.web.capture.identities.queries import belonging
from kizuna.web.know.alerts.owners import looked_after_by, owners_of
from kizuna.web.know.customers.naming import names_of
from kizuna.web.know.publications.queries import published

A_PAGE = 50
WHOSE = ("mine", "team")
VIEWS = ("due", "to_say", "apart", "unexplained", "ended")
ORDERS = ("deadline", "risk")
OF_CUSTOMER = 5
MOST = 20_000
"""Renewals that a forecast or a record is made of."""
ENDED = (*KEPT, State.LOST)


@dataclass(frozen=True, slots=True)
class Line:
    """A renewal in the list: whom it is of, who looks after it."""

    renewal: Renewal
    name: str
    owner: Person | None


@dataclass(frozen=True, slots=True)
class Rate:
    """The published renewal rate of twelve months in one currency."""

    currency: str
    rate: float | None
    renewed: int
    due: int
    month: date


def listed(person: Person, whose: str, view: str, order: str, number: int) -> Page[Renewal]:
    """Give a page of renewals."""
    kept = _view(_of(person, whose), view)
    if view == "ended":
        sorted_ = kept.order_by("-settled_at", "-pk")
    elif order == "risk":
        sorted_ = kept.order_by(F("at_risk").desc(nulls_last=True), "pk")
    else:
        sorted_ = kept.order_by("decide_by", "pk")
    return Paginator(sorted_.select_related("reason", "ladder__segment"), A_PAGE).get_page(number)


def lines(renewals: Sequence[Renewal]) -> list[Line]:
    """Name whom renewals are of, and who looks after them: three questions, however many."""
    ids = [renewal.customer_id for renewal in renewals]
    names, owners = names_of(ids), owners_of(ids)
    return [
        Line(r, names.get(r.customer_id, r.customer_id), owners.get(r.customer_id))
        for r in renewals
    ]


def counts(person: Person, whose: str) -> dict[str, int]:
    """Count the renewals of each view."""
    kept = _of(person, whose)
    return {view: _view(kept, view).count() for view in VIEWS if view != "ended"}


def _of(person: Person, whose: str) -> QuerySet[Renewal]:
    kept: QuerySet[Renewal] = Renewal.objects.all()
    if whose == "mine":
        kept = kept.filter(customer_id__in=looked_after_by(person).values("pk"))
    return kept if person.may(Role.VIEWER) else kept.none()


def _view(kept: QuerySet[Renewal], view: str) -> QuerySet[Renewal]:
    opened = kept.filter(state=State.OPEN)
    if view == "to_say":
        return opened.exclude(say_by=None)
    if view == "apart":
        waiting = Escalation.objects.filter(ended_at=None).values("renewal")
        return opened.filter(pk__in=waiting)
    if view == "unexplained":
        return kept.filter(state=State.LOST, reason=None)
    return kept.exclude(state=State.OPEN) if view == "ended" else opened


def one(person: Person, pk: int) -> Renewal | None:
    """Give one renewal; None where there is none that the person may read."""
    kept = _of(person, "team").select_related("reason", "settled_by", "ladder__segment")
    return kept.filter(pk=pk).first()


def judgements(renewal: Renewal) -> list[Judgement]:
    """List what was said of a renewal, the latest first."""
    kept: QuerySet[Judgement] = QuerySet(Judgement).filter(renewal=renewal).select_related("person")
    return list(kept.order_by("-at", "-pk"))


def escalations(renewal: Renewal) -> list[Escalation]:
    """List what was put before the managers, the latest first."""
    kept = Escalation.objects.filter(renewal=renewal).select_related("ended_by")
    return list(kept.order_by("-opened_at", "-pk"))


def ladder(number: int = Ladder.THE_ONE) -> Ladder | None:
    """Give a ladder; None where there is none, or no longer."""
    kept = Ladder.objects.select_related("action", "duty", "segment").filter(ended_at=None)
    return kept.filter(pk=number).first()


def ladder_of(renewal: Renewal) -> Ladder | None:
    """Give the ladder that a renewal is on, or the one for all others."""
    return ladder(renewal.ladder_id or Ladder.THE_ONE) or ladder()


def rungs(found: Ladder | None) -> list[Rung]:
    """List the rungs of a ladder, the earliest first."""
    kept = Rung.objects.filter(ladder=found, taken_off_at=None).select_related("template")
    return list(kept.order_by("-days_before", "pk"))


def on_ladders() -> list[tuple[Ladder, int]]:
    """Give the ladders in the order in which they are asked, with how many renewals are on each."""
    rows = Renewal.objects.filter(state=State.OPEN).order_by().values_list("ladder")
    there = dict(rows.annotate(n=Count("pk")))
    return [(one, there.get(one.pk, 0)) for one in ladders()]


def has_ladders() -> bool:
    """Whether there are several ladders, so that a list says which."""
    return Ladder.objects.filter(ended_at=None).count() > 1


def is_taken(name: str, of_actions: Sequence[str], but_for: int | None = None) -> bool:
    """Tell whether another ladder has or had a name, or actions have those that follow from it."""
    others = Ladder.objects.filter(name=name).exclude(pk=but_for or 0)
    return others.exists() or Action.objects.filter(name__in=of_actions).exists()


@dataclass(frozen=True, slots=True)
class Climbed:
    """A rung of a renewal: its day, and what became of it."""

    rung: Rung
    on: date
    step: Step | None


def climbed(renewal: Renewal) -> list[Climbed]:
    """Tell the rungs of a renewal: those taken, and those to come."""
    kept = Step.objects.filter(renewal=renewal).select_related("rung", "task", "message")
    steps = {step.rung_id: step for step in kept}
    mine = rungs(ladder_of(renewal))
    known = {rung.pk: rung for rung in mine} | {s.rung_id: s.rung for s in steps.values()}
    closed = closed_around(renewal.decide_by)
    found = [
        Climbed(rung, on_ladder(renewal.decide_by, rung.days_before, closed), steps.get(pk))
        for pk, rung in known.items()
    ]
    return sorted(found, key=lambda c: (-c.rung.days_before, c.rung.pk))


def reasons(all_: bool = False) -> QuerySet[LossReason]:
    """List the reasons for loss that are offered."""
    kept = LossReason.objects.order_by("name", "pk")
    return kept if all_ else kept.filter(archived_at=None)


def reasons_given(since: date) -> list[tuple[str, int, int, str]]:
    """Count the losses since a day by reason: name, contracts, revenue a month, currency."""
    lost = Renewal.objects.filter(state=State.LOST, ends_on__gte=since)
    found: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    rows = lost.values_list("reason__name", "currency", "mrr")
    for name, currency, mrr in rows[:MOST]:
        kept = found[name or "", currency]
        kept[0], kept[1] = kept[0] + 1, kept[1] + mrr
    listed_ = [(name, n, mrr, currency) for (name, currency), (n, mrr) in found.items()]
    return sorted(listed_, key=lambda row: (-row[2], row[0]))


def forecasts(person: Person, whose: str) -> dict[str, list[Month]]:
    """Sum what comes due month by month, of each currency."""
    kept = _of(person, whose).filter(state=State.OPEN)
    names = ("currency", "decide_by", "mrr", "likelihood", "said", "committed")
    words: defaultdict[str, list[Word]] = defaultdict(list)
    for currency, on, mrr, model, said, committed in kept.values_list(*names)[:MOST]:
        words[currency].append(Word(on.replace(day=1), mrr, model, said, committed))
    return {currency: forecast(some) for currency, some in sorted(words.items())}


def records() -> list[tuple[Person | None, Record]]:
    """Tell how well each person foretold, and all together, by the last word in time."""
    ended: QuerySet[Judgement] = (
        QuerySet(Judgement)
        .filter(renewal__state__in=ENDED, at__date__lte=F("renewal__decide_by"))
        .select_related("person", "renewal")
    )
    last: dict[tuple[int, int | None], Judgement] = {}
    for judgement in ended.order_by("at", "pk")[:MOST]:
        last[judgement.renewal_id, judgement.person_id] = judgement
        last[judgement.renewal_id, None] = judgement
    by_person: defaultdict[int | None, list[Foretold]] = defaultdict(list)
    people: dict[int | None, Person | None] = {None: None}
    for (_renewal, person), said in last.items():
        kept = said.renewal.state in KEPT
        by_person[person].append(Foretold(said.likelihood, said.model, kept))
        people.setdefault(person, said.person)
    rows = [(people[key], record(some)) for key, some in by_person.items()]
    return sorted(rows, key=lambda row: (row[0] is not None, row[0].name if row[0] else ""))


def rate() -> Rate | None:
    """Give the published renewal rate of twelve months, in the currency of most terms."""
    state = published()
    if state is None or not state.has("retention_months"):
        return None
    months = state.table("retention_months").sort_by("month").to_pylist()
    last: dict[str, Mapping[str, Any]] = {row["currency"]: row for row in months}
    if not last:
        return None
    row = max(last.values(), key=lambda found: found["renewals_due_365d"])
    return Rate(
        row["currency"],
        row["renewal_rate"],
        row["renewed_365d"],
        row["renewals_due_365d"],
        row["month"],
    )


def of_customer(customer_id: str, many: int = OF_CUSTOMER) -> list[Renewal]:
    """List a customer's renewals: those to come first."""
    kept = Renewal.objects.filter(belonging(customer_id)).exclude(state=State.GONE)
    first = F("settled_at").desc(nulls_first=True)
    return list(kept.select_related("reason").order_by(first, "decide_by", "pk")[:many])


def waiting_for(person: Person, many: int = 10) -> tuple[list[Renewal], list[Escalation]]:
    """Give the renewals of which a person must speak soon and, to managers, what is escalated."""
    soon = day_of(timezone.now())
    mine = _of(person, "mine").filter(state=State.OPEN, say_by__isnull=False)
    asked = [
        r for r in mine.order_by("say_by", "pk")[:many] if r.say_by and _is_soon(r.say_by, soon)
    ]
    if not person.may(Role.MANAGER):
        return asked, []
    kept = Escalation.objects.filter(ended_at=None).select_related("renewal")
    return asked, list(kept.order_by("opened_at", "pk")[:many])


def _is_soon(say_by: date, today: date) -> bool:
    return (say_by - today).days <= 7


def feeds(person: Person) -> list[Feed]:
    """List the calendars of a person that are in use."""
    return list(Feed.objects.filter(person=person, revoked_at=None).order_by("made_at", "pk"))


def of_feed(feed: Feed) -> list[Line]:
    """List what a calendar tells of."""
    kept = _of(feed.person, "team" if feed.of_team else "mine").filter(state=State.OPEN)
    return lines(list(kept.order_by("decide_by", "pk")[:1_000]))


def open_to(person: Person, escalation: Escalation) -> bool:
    """Whether a person may answer an escalation."""
    return escalation.ended_at is None and person.may(Role.MANAGER)


def is_any() -> bool:
    """Whether any renewal is known."""
    return bool(Renewal.objects.filter(Q(pk__isnull=False)).exists())
