"""The accuracy log: forecasts whose time is over, beside what then came."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyarrow.compute as pc

from kizuna.charts import past_forecasts
from kizuna.report.blocks import Block, Column, Fact, Facts, Grid, Note, Picture, Row, Section
from kizuna.report.material import Material
from kizuna.report.names import model_name
from kizuna.report.sections.back_test import signed


def section(m: Material) -> Section:
    """Tell how published forecasts did, and those made again from what was known earlier."""
    title = m.say("Forecasts beside what then came")
    published, again = (_of(m, source) for source in ("published", "again"))
    if not published and not again:
        return Section("accuracy", title, blocks=(_unknown(m),))
    blocks: list[Block] = [Facts((_inside(m, [*published, *again]), _off(m, [*published, *again])))]
    blocks += _told(m, "published", m.say("Published forecasts"), published)
    blocks += _told(m, "again", m.say("Forecasts made again from earlier days"), again)
    return Section("accuracy", title, _lead(m, published), blocks)


def _of(m: Material, source: str) -> list[dict[str, Any]]:
    rows = [row for row in m.rows("past_forecasts") if row["source"] == source]
    return sorted(rows, key=lambda row: (row["made_on"], row["horizon_days"]))


def _unknown(m: Material) -> Note:
    text = m.say(
        "No forecast is old enough to be compared. Needs a log of about three months, or a "
        "publication of 30 days ago."
    )
    return Note("unknown", text, m.say("Not yet known"))


def _lead(m: Material, published: list[dict[str, Any]]) -> str:
    said = m.say(
        "Each forecast knew nothing after its day: the model was fitted anew, and its interval "
        "made from errors seen by then."
    )
    if published:
        return said
    first = m.say(
        "None of the published forecasts is over yet; the first is compared 30 days after its day."
    )
    return m.say.sentences(said, first)


def _inside(m: Material, rows: list[dict[str, Any]]) -> Fact:
    inside = sum(held(row) for row in rows)
    value = m.say("{inside} of {all}", inside=m.say.number(inside), all=m.say.number(len(rows)))
    remark = m.say("{share}; 90% is right in the long run", share=m.say.percent(inside / len(rows)))
    return Fact(m.say("Inside the 90% interval"), value, remark)


def held(row: dict[str, Any]) -> bool:
    """Whether what came lies inside the interval."""
    return bool(row["purchases_low"] <= row["actual_purchases"] <= row["purchases_high"])


def _off(m: Material, rows: list[dict[str, Any]]) -> Fact:
    """Mean error without its sign, of forecasts of which anything came."""
    known = [row for row in rows if row["actual_purchases"]]
    errors = [abs(row["predicted_purchases"] / row["actual_purchases"] - 1) for row in known]
    mean = sum(errors) / len(errors) if errors else None
    remark = m.say("predicted against actual purchases, without the sign")
    return Fact(m.say("Mean error of the total"), m.say.percent(mean, 1), remark)


def _told(m: Material, source: str, title: str, rows: list[dict[str, Any]]) -> list[Block]:
    if not rows:
        return []
    table = m.tables["past_forecasts"]
    chosen = table.filter(pc.equal(table["source"], source))
    says = m.say(
        "Purchases of the {customers} customers known by then (the latest forecast).",
        customers=m.say.number(rows[-1]["customers"]),
    )
    figure = past_forecasts(chosen, words=m.say)
    return [Picture(f"forecasts-{source}", title, says, figure, _numbers(m, title, rows))]


def _numbers(m: Material, title: str, rows: list[dict[str, Any]]) -> Grid:
    heads = (m.say("Customers"), m.say("Predicted"), m.say("90% interval"), m.say("Actual"))
    more = (m.say("Error"), m.say("Spend predicted"), m.say("Spend, actual"))
    return Grid(
        title,
        (
            Column(m.say("Forecast of")),
            Column(m.say("Model or rule")),
            *(Column(head, number=True) for head in (*heads, *more)),
            Column(m.say("Inside")),
        ),
        tuple(_row(m, row) for row in rows),
    )


def _row(m: Material, row: dict[str, Any]) -> Row:
    low, high = (m.say.number(row[f"purchases_{end}"]) for end in ("low", "high"))
    actual = row["actual_purchases"]
    error = row["predicted_purchases"] / actual - 1 if actual else None
    return Row(
        (
            _span(m, row),
            model_name(m.say, row["model"]),
            m.say.number(row["customers"]),
            m.say.number(row["predicted_purchases"]),
            m.say("{low} to {high}", low=low, high=high),
            m.say.number(actual),
            signed(m, error),
            m.say.money(row["predicted_spend"]),
            m.say.money(row["actual_spend"]),
            m.say("✓ inside the interval") if held(row) else m.say("✗ outside the interval"),
        )
    )


def _span(m: Material, row: dict[str, Any]) -> str:
    first, last = (row["made_on"] + timedelta(days=n) for n in (1, row["horizon_days"]))
    return m.say("{low} to {high}", low=m.say.day(first), high=m.say.day(last))
