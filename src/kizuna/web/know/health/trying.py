"""Other bands or another scorecard, tried on history and customers of today first."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
from django.utils.translation import gettext as _

from kizuna.experience.scorecard import Card
from kizuna.jobs import health as job
from kizuna.pipeline.tables import arrow_schema
from kizuna.web.know.health.giving import bands_table
from kizuna.web.know.health.queries import Row, files, tests
from kizuna.web.know.health.services import Limits
from kizuna.web.know.health.tested import beside, by_band
from kizuna.web.know.health.words import MOODS, bands, kinds
from kizuna.web.know.publications.queries import Published, published
from kizuna.web.ui.components import Cell, Column, Table
from kizuna.web.ui.templatetags.ui import writer

TESTED = ("fact_panel", "churn_forecasts", "churn_report")
SCORED = ("health_scores", "churn_scores")
NEEDED = (*TESTED, *SCORED, "scorecards", "health_bands")


def bands_tried(limits: Limits) -> dict[str, Any] | None:
    """Say what other bands would change; None where nothing is published to try them on."""
    state = _state()
    if state is None:
        return None
    new = bands_table(limits)
    counted = files(state, *SCORED)
    now = job.by_band(counted, state.table("health_bands"))
    then = job.by_band(counted, new)
    found = job.tried(files(state, *TESTED), scorecards=state.table("scorecards"), bands=new)
    learned = [row for row in found.by_band if row["score"] == "learned"]
    return {"moved": _moved(now, then), "tests": _by_kind(learned, by_band)}


def card_tried(card: Card) -> dict[str, Any] | None:
    """Say what another scorecard would change; None where nothing is published."""
    state = _state()
    if state is None:
        return None
    row = {"version": 2**30, "card": json.dumps(card.plain())}
    cards = pa.Table.from_pylist([row], schema=arrow_schema("scorecards"))
    given = files(state, *TESTED)
    found = job.tried(given, scorecards=cards, bands=state.table("health_bands"))
    before = [r for r in tests(state).report if r["score"] == "scorecard"]
    after = [r for r in found.report if r["score"] == "scorecard"]
    return {
        "shift": _shift(job.shift(given, scorecards=state.table("scorecards"), card=card)),
        "before": _by_kind(before, beside),
        "after": _by_kind(after, beside),
        "by_band": _by_kind([r for r in found.by_band if r["score"] == "scorecard"], by_band),
    }


def _state() -> Published | None:
    state = published()
    return state if state is not None and all(state.has(name) for name in NEEDED) else None


def _by_kind(rows: list[Row], table: Any) -> list[tuple[str, Table]]:
    there = {row["kind"] for row in rows}
    return [(label, table(rows, kind)) for kind, label in kinds().items() if kind in there]


def _moved(now: list[Row], then: list[Row]) -> Table:
    say = writer()
    columns = [Column(_("What leaving means")), Column(_("Band"))]
    columns += [Column(_("Customers now"), number=True), Column(_("Then"), number=True)]
    before = {(row["kind"], row["band"]): row["customers"] for row in now}
    after = {(row["kind"], row["band"]): row["customers"] for row in then}
    rows: list[list[str | Cell]] = [
        [
            label,
            Cell(name, mood=MOODS[band]),
            say.number(before.get((kind, band), 0)),
            say.number(after.get((kind, band), 0)),
        ]
        for kind, label in kinds().items()
        for band, name in bands().items()
        if (kind, band) in before or (kind, band) in after
    ]
    return Table(_("Customers of today by band"), columns, rows)


def _shift(found: job.Shift) -> str:
    if found.mean is None or found.mean_before is None:
        return _("No customer of today has any of these facts: nobody would have a score.")
    say = writer()
    numbers = ("customers", "scored", "scored_before", "mean", "mean_before", "rising", "falling")
    shown = {name: say.number(getattr(found, name)) for name in numbers}
    return (
        _(
            "Of %(customers)s customers of today %(scored)s have a score (now %(scored_before)s); "
            "the mean goes from %(mean_before)s to %(mean)s; %(rising)s rise and %(falling)s fall "
            "by 10 points or more."
        )
        % shown
    )
