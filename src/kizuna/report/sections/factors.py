"""The plain formula of lifetime value, factor by factor."""

from __future__ import annotations

from typing import Any

from kizuna.report.blocks import Column, Grid, Note, Row, Section
from kizuna.report.material import Material
from kizuna.report.names import words

NAMES = {
    "average_purchase_value": words("Average purchase value"),
    "purchases_per_year": words("Purchases per year"),
    "relationship_years": words("Length of the relationship (years)"),
    "margin": words("Margin"),
}
MEANINGS = {
    "value_net_of_returns_per_purchase": words(
        "All orders net of returns ÷ days with an order (rows: such days)."
    ),
    "purchases_per_year_of_relationship": words(
        "Days with an order ÷ years of all relationships together (rows: such days)."
    ),
    "years_per_ended_relationship": words(
        "Years of all relationships ÷ relationships that ended (rows: ended ones). Ended: silent "
        "for longer than the usual gap between orders of 95% of repeat customers."
    ),
    "years_so_far": words(
        "Mean time so far (rows: customers): a lower bound, for no relationship is known to have "
        "ended."
    ),
    "margin_given": words("Share of revenue that is kept, as given."),
}


def section(m: Material) -> Section:
    """Multiply the factors, each with the rows that it came from."""
    rows = {row["factor"]: row for row in m.rows("ltv_factors")}
    title = m.say("The plain formula")
    if not rows:
        note = Note("unknown", m.say("Needs orders with an amount."), m.say("Not yet known"))
        return Section("factors", title, blocks=(note,))
    return Section("factors", title, _says(m, rows), (_table(m, rows),))


def plain_ltv(rows: dict[str, dict[str, Any]]) -> float | None:
    """Product of the factors; None when one of them is not known."""
    product = 1.0
    for name in NAMES:
        value = rows.get(name, {}).get("value")
        if value is None:
            return None
        product *= value
    return product


def _says(m: Material, rows: dict[str, dict[str, Any]]) -> str:
    product = plain_ltv(rows)
    if product is None:
        return m.say("One factor is not yet known, so the product is not either.")
    return m.say(
        "{product} over the whole relationship of a new customer. It is a rule of thumb from "
        "averages: it knows no interval and no single customer, and it counts other things "
        "than customer equity above.",
        product=m.say.money(product),
    )


def _table(m: Material, rows: dict[str, dict[str, Any]]) -> Grid:
    found = [rows[name] for name in NAMES if name in rows]
    lines = [_factor(m, row, first=k == 0) for k, row in enumerate(found)]
    product = plain_ltv(rows)
    total = Row(
        (
            m.say("= LTV by the plain formula"),
            m.say.money(product),
            "",
            m.say("Product of the above."),
        ),
        mark=m.say("result"),
    )
    return Grid(
        m.say("Factors of the plain formula"),
        (
            Column(m.say("Factor")),
            Column(m.say("Value"), number=True),
            Column(m.say("Rows"), number=True),
            Column(m.say("What it is")),
        ),
        (*lines, total),
        shown_caption=False,
    )


def _factor(m: Material, row: dict[str, Any], *, first: bool) -> Row:
    name = m.say(NAMES[row["factor"]])
    shown = name if first else m.say("× {name}", name=name)
    meaning = m.say(MEANINGS.get(row["definition"], ""))
    rows = m.say.number(row["rows"]) if row["rows"] else "–"
    return Row((shown, _value(m, row), rows, meaning))


def _value(m: Material, row: dict[str, Any]) -> str:
    if row["value"] is None:
        return m.say("not yet known")
    if row["factor"] == "average_purchase_value":
        return m.say.money(row["value"])
    if row["factor"] == "margin":
        return m.say.rate(row["value"])
    return m.say.number(row["value"], 2)
