"""What customers cost to win, what they are worth, and when the cost has come back."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from kizuna.charts import channel_values
from kizuna.report.blocks import Block, Column, Fact, Facts, Grid, Note, Picture, Row, Section
from kizuna.report.material import Material

ALL, UNKNOWN = "*", ""

MOST_CHANNELS = 20
"""Channels in the picture and the table, those with most customers; the rest stay in the file."""


def section(m: Material) -> Section:
    """Give cost, value, ratio and payback of all together, then channel by channel."""
    title = m.say("Cost of winning customers")
    rows = listed(m)
    if not rows or (len(rows) == 1 and rows[0]["cac"] is None):
        return Section("acquisition", title, blocks=(_unknown(m),))
    whole = rows[0]
    blocks: list[Block] = [_facts(m, whole)] if whole["cac"] is not None else [_no_costs(m)]
    if len(rows) > 1:
        blocks += [_picture(m, rows), _table(m, rows)]
    return Section("acquisition", title, _says(m, whole), blocks)


def listed(m: Material) -> list[dict[str, Any]]:
    """All together first, then the channels by customers; '' alone is no channel."""
    rows = {row["channel"]: row for row in m.rows("channel_values")}
    if ALL not in rows:
        return []
    others = sorted((r for r in rows.values() if r["channel"] != ALL), key=_by_customers)
    told = others if any(row["channel"] for row in others) else []
    return [rows[ALL], *told[:MOST_CHANNELS]]


def _by_customers(row: dict[str, Any]) -> tuple[int, str]:
    return -row["customers"], row["channel"]


def cost_line(m: Material) -> float | None:
    """Value before margin at which a customer has paid back what winning him cost."""
    whole = next((row for row in listed(m)), None)
    if whole is None or whole["cac"] is None or m.margin <= 0:
        return None
    return float(whole["cac"] / m.margin)


def channel_name(m: Material, key: str) -> str:
    """Name a channel; that of nobody in particular in words."""
    names = {ALL: m.say("All channels"), UNKNOWN: m.say("Channel not known")}
    return names.get(key, key)


def _unknown(m: Material) -> Note:
    text = m.say(
        "Import what was spent to win customers (costs of the kind “acquisition”, by channel and "
        "month) and the channel of each customer; then cost per customer, LTV:CAC and payback are "
        "shown here."
    )
    return Note("unknown", text, m.say("Not yet known"))


def _no_costs(m: Material) -> Note:
    text = m.say("What was spent to win these customers is not known; import costs to see it.")
    return Note("unknown", text, m.say("Not yet known"))


def _says(m: Material, whole: dict[str, Any]) -> str:
    if whole["cac"] is None:
        return ""
    return m.say(
        "From {low} to {high} winning a customer cost {cac} on average.",
        low=m.say.day(whole["from_on"]),
        high=m.say.day(whole["until_on"]),
        cac=m.say.money(whole["cac"]),
    )


def _facts(m: Material, whole: dict[str, Any]) -> Facts:
    spent = m.say(
        "{cost} for {customers} new customers",
        cost=m.say.money(whole["cost"]),
        customers=m.say.number(whole["new_customers"]),
    )
    worth = m.say("margin so far and over the next {horizon}", horizon=m.horizon)
    bounds = _bounds(m, whole)
    if bounds != "–":
        worth = m.say("{first}; {second}", first=worth, second=bounds)
    return Facts(
        (
            Fact(m.say("Cost per new customer (CAC)"), m.say.money(whole["cac"]), spent),
            Fact(m.say("Value of such a customer"), _money(m, whole["ltv"]), worth),
            Fact(m.say("LTV:CAC"), _ratio(m, whole), m.say("value ÷ cost; 3 is a usual aim")),
            Fact(m.say("Payback"), payback(m, whole), m.say("when margin so far passes the cost")),
        )
    )


def payback(m: Material, row: dict[str, Any]) -> str:
    """Say in which month the cost has come back, or that it has not."""
    if row["cac"] is None or not row["months"]:
        return m.say("not yet known")
    if row["payback_month"] is None:
        return m.say.counted("not within {n} month", "not within {n} months", row["months"])
    if row["payback_month"] == 0:
        return m.say("in the month of the first order")
    return m.say.counted("after {n} month", "after {n} months", row["payback_month"])


def _money(m: Material, value: float | None) -> str:
    return m.say("not yet known") if value is None else m.say.money(value)


def _ratio(m: Material, row: dict[str, Any]) -> str:
    value = row["ltv_to_cac"]
    return m.say("not yet known") if value is None else m.say.number(value, 1)


def _bounds(m: Material, row: dict[str, Any]) -> str:
    if row["ltv_low"] is None or row["ltv_high"] is None:
        return "–"
    write = m.say.column([row["ltv_low"], row["ltv_high"]])
    return m.say("{low} to {high}", low=write(row["ltv_low"]), high=write(row["ltv_high"]))


def _picture(m: Material, rows: list[dict[str, Any]]) -> Picture:
    keys = [row["channel"] for row in rows]
    table = m.tables["channel_values"]
    return Picture(
        "channel-values",
        m.say("Cost and value of a customer, by channel"),
        m.say("The line through a point is the 90% interval of the mean value."),
        channel_values(
            table.filter(pc.is_in(table["channel"], value_set=pa.array(keys))),
            names={key: channel_name(m, key) for key in keys},
            words=m.say,
        ),
        _values(m, rows),
    )


def _values(m: Material, rows: list[dict[str, Any]]) -> Grid:
    heads = (m.say("Acquisition cost"), m.say("Lifetime value"), m.say("90% interval"))
    write = m.say.column([row["ltv"] for row in rows])
    return Grid(
        m.say("Cost and value of a customer, by channel"),
        (Column(m.say("Channel")), *(Column(head, number=True) for head in heads)),
        tuple(
            Row(
                (
                    channel_name(m, row["channel"]),
                    write(row["cac"]),
                    write(row["ltv"]),
                    _bounds(m, row),
                )
            )
            for row in rows
        ),
    )


def _table(m: Material, rows: list[dict[str, Any]]) -> Grid:
    heads = (
        m.say("Customers"),
        m.say("New customers"),
        m.say("Spent"),
        m.say("CAC"),
        m.say("LTV"),
        m.say("LTV:CAC"),
    )
    spent = m.say.column([row["cost"] for row in rows])
    each = m.say.column([row[key] for row in rows for key in ("cac", "ltv")])
    return Grid(
        m.say("Channels"),
        (
            Column(m.say("Channel")),
            *(Column(head, number=True) for head in heads),
            Column(m.say("Payback")),
        ),
        tuple(
            Row(
                (
                    channel_name(m, row["channel"]),
                    m.say.number(row["customers"]),
                    m.say.number(row["new_customers"]) if row["cost"] is not None else "–",
                    spent(row["cost"]),
                    each(row["cac"]),
                    each(row["ltv"]),
                    "–" if row["ltv_to_cac"] is None else m.say.number(row["ltv_to_cac"], 1),
                    payback(m, row),
                )
            )
            for row in rows
        ),
        foot=m.say(
            "New customers: first bought on a day whose cost is known. Value: margin so far and to "
            "come of these customers, or of all of the channel where no cost is known."
        ),
    )
