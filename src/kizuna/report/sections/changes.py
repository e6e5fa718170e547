"""What changed in a month, and who moved it."""

from __future__ import annotations

from typing import Any

from kizuna.charts import value_changes
from kizuna.charts.value_changes import MOVES, part_names
from kizuna.pipeline.parameters import minor_units
from kizuna.report.blocks import Block, Column, Grid, Note, Picture, Row, Section
from kizuna.report.material import Material


def section(m: Material) -> Section:
    """Draw the way from the equity of a month ago to that of now, and name the largest movers."""
    title = m.say("What changed in a month")
    rows = parts(m)
    if not rows:
        return Section("changes", title, blocks=(_unknown(m),))
    movers = m.rows("value_movers")
    blocks: list[Block] = [_picture(m, rows), *([_movers(m, movers)] if movers else [])]
    return Section("changes", title, _says(m, rows), blocks)


def parts(m: Material) -> dict[str, dict[str, Any]]:
    """Parts of the change by their key; money in units of the currency."""
    unit = minor_units(m.say.currency or "XXX")
    rows = m.rows("value_changes")
    return {row["part"]: row | {"value": row["value"] / unit} for row in rows}


def _unknown(m: Material) -> Note:
    text = m.say("Needs a model of each customer, and orders from more than a month ago.")
    return Note("unknown", text, m.say("Not yet known"))


def _says(m: Material, rows: dict[str, dict[str, Any]]) -> str:
    before, now = rows["before"], rows["now"]
    change = now["value"] - before["value"]
    message = (
        "Since {day} customer equity has risen by {change} ({share}), by the same model."
        if change >= 0
        else "Since {day} customer equity has fallen by {change} ({share}), by the same model."
    )
    share = abs(change) / before["value"] if before["value"] else None
    said = m.say(
        message,
        day=m.say.day(before["since"]),
        change=m.say.money(abs(change)),
        share=m.say.percent(share, 1),
    )
    return m.say.sentences(said, _largest(m, rows))


def _largest(m: Material, rows: dict[str, dict[str, Any]]) -> str:
    part = max(MOVES, key=lambda name: abs(rows[name]["value"]))
    return m.say(
        "The largest part: {name}, {change} from {customers} customers.",
        name=part_names(m.say)[part],
        change=signed(m, rows[part]["value"]),
        customers=m.say.number(rows[part]["customers"]),
    )


def signed(m: Material, value: float, like: float | None = None) -> str:
    """Write an amount with its sign."""
    return ("+" if value > 0 else "") + m.say.money(value, like=like)


def _picture(m: Material, rows: dict[str, dict[str, Any]]) -> Picture:
    return Picture(
        "value-changes",
        m.say("From the customer equity of a month ago to that of now"),
        m.say(
            "Both ends are valued by the model of today, so that only customers move it. The axis "
            "does not begin at 0."
        ),
        value_changes(
            m.tables["value_changes"],
            minor_units=minor_units(m.say.currency or "XXX"),
            words=m.say,
        ),
        _numbers(m, rows),
    )


def _numbers(m: Material, rows: dict[str, dict[str, Any]]) -> Grid:
    names = part_names(m.say)
    largest = max(abs(row["value"]) for row in rows.values())
    return Grid(
        m.say("Change of customer equity by part"),
        (
            Column(m.say("What happened")),
            Column(m.say("Customers"), number=True),
            Column(m.say("Value"), number=True),
        ),
        tuple(
            Row(
                (
                    names[part],
                    m.say.number(rows[part]["customers"]),
                    signed(m, rows[part]["value"], largest)
                    if part in MOVES
                    else m.say.money(rows[part]["value"], like=largest),
                )
            )
            for part in names
        ),
        foot=m.say("The parts add up to the change; new customers are those of the last month."),
    )


def _movers(m: Material, rows: list[dict[str, Any]]) -> Grid:
    unit, names = minor_units(m.say.currency or "XXX"), part_names(m.say)
    keys = ("value_before", "value_now")
    largest = max(abs(row[key]) for row in rows for key in keys) / unit
    heads = (m.say("A month ago"), m.say("Now"), m.say("Change"))
    return Grid(
        m.say("Customers who moved it most"),
        (
            Column(m.say("Customer"), code=True),
            Column(m.say("What happened")),
            *(Column(head, number=True) for head in heads),
        ),
        tuple(
            Row(
                (
                    row["name"] or row["customer_id"],
                    names[row["part"]],
                    *(m.say.money(row[key] / unit, like=largest) for key in keys),
                    signed(m, row["change"] / unit, largest),
                )
            )
            for row in rows
        ),
        foot=m.say("Ten who rose most and ten who fell most, by value to come."),
    )
