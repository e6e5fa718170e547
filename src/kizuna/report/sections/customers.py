"""The customers with the most value to come."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kizuna.report.blocks import Column, Grid, Note, Row, Section
from kizuna.report.material import Material
from kizuna.report.names import segment_name


def section(m: Material) -> Section:
    """List the top customers; all of them are in customers.csv."""
    rows = m.rows("top_customers")
    title = m.say("Customers with the most value to come")
    if not rows:
        return Section("customers", title, blocks=(_unknown(m),))
    lead = m.say(
        "The first {n} of {all}; every customer is in customers.csv.",
        n=m.say.number(len(rows)),
        all=m.say.number(m.get("customers") or len(rows)),
    )
    return Section("customers", title, lead, (_table(m, rows),))


def _unknown(m: Material) -> Note:
    return Note("unknown", m.say("Needs a model of each customer."), m.say("Not yet known"))


def _table(m: Material, rows: list[dict[str, Any]]) -> Grid:
    heads = (
        m.say("Last order"),
        m.say("Repeat orders"),
        m.say("Mean order"),
        m.say("Value so far"),
        m.say("P(active)"),
        m.say("Purchases expected"),
        m.say("Value to come"),
        m.say("90% interval"),
    )
    writers = {
        name: m.say.column([row[name] for row in rows])
        for name in ("mean_spend", "historical_value", "residual_clv", "residual_clv_high")
    }
    return Grid(
        m.say("Top customers"),
        (
            Column(m.say("Customer"), code=True),
            *(Column(head, number=True) for head in heads),
            Column(m.say("Segment")),
        ),
        tuple(_row(m, row, writers) for row in rows),
        shown_caption=False,
    )


def _row(m: Material, row: dict[str, Any], write: dict[str, Callable[[float | None], str]]) -> Row:
    return Row(
        (
            str(row["customer_id"]),
            m.say.day(row["last_purchase"]),
            m.say.number(row["frequency"]),
            write["mean_spend"](row["mean_spend"]),
            write["historical_value"](row["historical_value"]),
            m.say.percent(row["p_alive"]),
            m.say.number(row["expected_purchases"], 1),
            write["residual_clv"](row["residual_clv"]),
            _interval(m, row, write["residual_clv_high"]),
            segment_name(m.say, row["rfm_segment"]),
        )
    )


def _interval(m: Material, row: dict[str, Any], write: Callable[[float | None], str]) -> str:
    low, high = row["residual_clv_low"], row["residual_clv_high"]
    if low is None or high is None:
        return "–"
    return m.say("{low} to {high}", low=write(low), high=write(high))
