"""Scorecards: those that people drew up, or else the one that is offered to begin with."""

from __future__ import annotations

import pyarrow as pa

from kizuna.experience.scorecard import Card, Ceiling, Group, Measure
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema

USUAL = Card(
    (
        Group(
            "use",
            30.0,
            (
                Measure("days_since_use", 45.0, 3.0, 2.0),
                Measure("active_days_change", -0.5, 0.1),
                Measure("days_since_purchase", 240.0, 30.0, 2.0),
                Measure("orders_change_90d", -1.0, 0.0),
            ),
        ),
        Group(
            "service",
            20.0,
            (Measure("cases_open", 3.0, 0.0), Measure("effort_90d", 80.0, 20.0)),
        ),
        Group("relation", 15.0, (Measure("days_since_contact", 120.0, 14.0),)),
        Group(
            "money",
            15.0,
            (Measure("failed_payments_90d", 2.0, 0.0), Measure("mrr_change_365d", -0.3, 0.1)),
        ),
        Group("sentiment", 20.0, (Measure("nps", 3.0, 9.0), Measure("csat", 25.0, 100.0))),
    ),
    (Ceiling("failed_payments_90d", 2.0, 60.0), Ceiling("days_since_use", 60.0, 40.0)),
)


def scorecards(own_scorecards: pa.Table, *, run: Run) -> pa.Table:
    """Give the company's own, whose versions follow the usual one; without any, that one."""
    rows = own_scorecards.to_pylist() or [{"version": 1, "card": USUAL.to_json()}]
    return pa.Table.from_pylist(rows, schema=arrow_schema("scorecards"))
