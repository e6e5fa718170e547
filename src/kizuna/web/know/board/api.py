"""The value board for programs: the summary, segments and channels."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import Router, Schema

from kizuna.web.accounts.models import Scope
from kizuna.web.interface.keys import Key
from kizuna.web.interface.shapes import Computed, Interval, computed, interval
from kizuna.web.know.board import queries
from kizuna.web.know.publications.queries import Published, published

router = Router(tags=["value"])


class Figure(Schema):
    """A number as the board writes it, with how it is computed."""

    label: str
    value: str
    note: str
    computed: Computed | None


class Remark(Schema):
    """A finding or a warning; `mood` is good, info, caution or serious."""

    mood: str
    text: str


class Summary(Schema):
    """What the customer base is worth; money in units of the currency."""

    publication: int
    published_at: datetime | None
    as_of: date | None
    currency: str
    horizon_days: int
    margin: float
    discount: float
    customers: int
    orders: int
    model: str | None
    customer_equity: Interval | None
    customer_equity_computed: Computed | None
    expected_purchases: Interval | None
    figures: list[Figure]
    findings: list[Remark]
    warnings: list[Remark]


class SegmentRow(Schema):
    """A segment; money in units of the currency."""

    rfm_segment: str
    customers: int
    share: float
    historical_value: float
    residual_clv: float | None
    mean_residual_clv: float | None
    mean_p_alive: float | None


class ChannelRow(Schema):
    """A channel; `*` is all, and an empty one those of whom no channel is known."""

    channel: str
    customers: int
    new_customers: int
    from_on: date | None
    until_on: date | None
    cost: float | None
    cac: float | None
    ltv: float | None
    ltv_low: float | None
    ltv_high: float | None
    ltv_to_cac: float | None
    payback_month: int | None
    months: int | None


class Segments(Schema):
    """Every segment of what is published."""

    items: list[SegmentRow]
    as_of: date | None
    currency: str


class Channels(Schema):
    """Every channel of what is published."""

    items: list[ChannelRow]
    as_of: date | None
    currency: str


@router.get(
    "/board",
    auth=Key(Scope.READ),
    response=Summary,
    summary=gettext_noop("Tell what the customer base is worth"),
)
def board(request: HttpRequest) -> dict[str, Any]:
    """Give customer equity with its interval, the numbers beside it, and their definitions."""
    state, told = _published(), queries.board()
    said, options = state.summary, state.summary["options"]
    return {
        "publication": state.publication.pk,
        "published_at": state.publication.published_at,
        "as_of": state.publication.as_of,
        "currency": state.currency,
        "horizon_days": said["horizon_days"],
        "margin": options["margin"],
        "discount": options["discount"],
        "customers": said["customers"],
        "orders": said["orders"],
        "model": (said.get("model") or {}).get("name"),
        "customer_equity": interval(said.get("customer_equity")),
        "customer_equity_computed": computed(told.explain) if told else None,
        "expected_purchases": interval(said.get("expected_purchases")),
        "figures": [_figure(stat) for stat in told.facts] if told else [],
        "findings": [_remark(note) for note in told.findings] if told else [],
        "warnings": [_remark(note) for note in told.warnings] if told else [],
    }


@router.get(
    "/segments",
    auth=Key(Scope.READ),
    response=Segments,
    summary=gettext_noop("List the segments with their value"),
)
def segments(request: HttpRequest) -> dict[str, Any]:
    """Give each segment of the published state."""
    return _rows("segments")


@router.get(
    "/channels",
    auth=Key(Scope.READ),
    response=Channels,
    summary=gettext_noop("List the channels with what winning a customer costs and brings"),
)
def channels(request: HttpRequest) -> dict[str, Any]:
    """Give each channel: its customers, cost, lifetime value and payback; empty: not yet known."""
    return _rows("channel_values")


def _published() -> Published:
    state = published()
    if state is None:
        raise Http404(_("Nothing is published yet: bring orders in first."))
    return state


def _rows(table: str) -> dict[str, Any]:
    state = _published()
    rows = state.table(table).to_pylist() if state.has(table) else []
    return {"items": rows, "as_of": state.publication.as_of, "currency": state.currency}


def _figure(stat: Any) -> Figure:
    return Figure(
        label=str(stat.label),
        value=str(stat.value),
        note=str(stat.note),
        computed=computed(stat.explain),
    )


def _remark(note: Any) -> Remark:
    return Remark(mood=str(note.mood), text=str(note.text))
