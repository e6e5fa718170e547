"""Reads: whether somebody is held out, the register, one action with its counts and its log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from kizuna.experiments.assignment import CONTROL
from kizuna.web.act.actions import control
from kizuna.web.act.actions.audiences import audience_of, page_of
from kizuna.web.act.actions.doubts import Doubt, doubts
from kizuna.web.act.actions.models import Action, Assignment, Decided, Deed, Programme, Share
from kizuna.web.act.actions.placing import standing
from kizuna.web.act.actions.sizing import Size, size
from kizuna.web.act.actions.whose import Who
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.publications.queries import Published, published

A_PAGE = 25
COUNTED = 10_000
"""Rows up to which they are counted; of more, the page says only that."""
LOG_SHOWN = 50
PLACED_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Line:
    """An action in the register, with the counts of the published figures."""

    action: Action
    units: int | None
    controls: int | None


@dataclass(frozen=True, slots=True)
class Counted:
    """A number of rows, which may be more than were counted."""

    many: int
    more: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One action: how it stands, its design, what speaks against it, what was decided."""

    action: Action
    state: Published | None
    audience: int | None
    size: Size | None
    doubts: Sequence[Doubt]
    placed: Counted
    controls: Counted
    deeds: Counted
    shares: Sequence[Share]
    latest: Sequence[tuple[Assignment, str]]
    log: Sequence[Decided]
    page: str | None

    @property
    def currency(self) -> str:
        """The currency of its amounts."""
        return currency_of(self.state)


def is_held_out(customer_id: str, action: Action, at: datetime) -> bool:
    """Tell whether nothing of an action may reach a customer, under whichever key.

    Of a customer who was not placed yet, chance has not spoken: not held out.
    """
    if not action.is_optional:
        return False
    found = standing(action, [customer_id], at).get(customer_id)
    return found is not None and not found.is_treated


def in_global_control(customer_id: str, at: datetime) -> bool:
    """Tell whether nothing optional may reach a customer."""
    return bool(control.held(Who.of([customer_id]), at))


def action(pk: int) -> Action | None:
    """Give an action."""
    return Action.objects.select_related("owner").filter(pk=pk).first()


def register(state: str, number: str | None) -> tuple[Page[Action], list[Line]]:
    """Give a page of the register, the latest first."""
    found = Action.objects.select_related("owner").order_by("-pk")
    page = Paginator(found.filter(state=state) if state else found, A_PAGE).get_page(number)
    counts = _counts(published())
    lines = [Line(one, *counts.get(one.experiment_id, (None, None))) for one in page.object_list]
    return page, lines


def states() -> set[str]:
    """Give the states in which there is an action."""
    return set(Action.objects.order_by().values_list("state", flat=True).distinct())


def shown(found: Action) -> Shown:
    """Put together the page of an action."""
    state, audience = published(), audience_of(found)
    sized = size(found, state, audience) if found.is_optional else None
    rows = Assignment.objects.filter(action=found)
    return Shown(
        action=found,
        state=state,
        audience=audience,
        size=sized,
        doubts=doubts(found, audience, sized, currency_of(state)),
        placed=_counted(rows),
        controls=_counted(rows.filter(arm=CONTROL)),
        deeds=_counted(Deed.objects.filter(action=found)),
        shares=list(found.shares.select_related("set_by").order_by("-version")),
        latest=_named(list(rows.order_by("-eligible_at", "-pk")[:PLACED_SHOWN])),
        log=list(found.log.select_related("person").order_by("-pk")[:LOG_SHOWN]),
        page=page_of(found),
    )


def currency_of(state: Published | None) -> str:
    """Give the currency of the published figures."""
    return state.currency if state else ""


def programme() -> Programme:
    """Give the settings of the global control."""
    return control.programme()


def is_taken(name: str, but_for: int | None) -> bool:
    """Whether another action has a name."""
    others = Action.objects.filter(name=name)
    return (others if but_for is None else others.exclude(pk=but_for)).exists()


def _named(rows: list[Assignment]) -> list[tuple[Assignment, str]]:
    """Name the customers of rows, as far as they have names."""
    known = CustomerFact.objects.filter(pk__in=[row.customer_id for row in rows])
    names = dict(known.values_list("customer_id", "name"))
    return [(row, names.get(row.customer_id) or row.customer_id) for row in rows]


def _counts(state: Published | None) -> dict[str, tuple[int, int]]:
    if state is None or not state.has("experiment_counts"):
        return {}
    rows: list[dict[str, Any]] = state.table("experiment_counts").to_pylist()
    return {row["experiment_id"]: (row["units"], row["controls"]) for row in rows}


def _counted(rows: QuerySet[Any]) -> Counted:
    many = rows.order_by()[: COUNTED + 1].count()
    return Counted(min(many, COUNTED), many > COUNTED)
