"""From a number of the board to the rows that it is made of: cells of tables, and facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from kizuna.jobs.accuracy import STUDIED_CUSTOMERS
from kizuna.report.material import Material
from kizuna.report.sections.acquisition import channel_name, listed
from kizuna.report.sections.concentration import SHARES
from kizuna.report.sections.repurchase import DAYS
from kizuna.web.know.board.drill import RANKS, customers
from kizuna.web.know.rows.links import later, rows_url

type Cells = Mapping[tuple[str, str], str]
"""Addresses by the name of a row and the head of a column."""

BY_ROW = frozenset({"segments", "acquisition", "changes", "concentration", "net-value"})
"""Parts of whose rows every number is of the customers that the name leads to."""


def cells(m: Material, part: str) -> Cells:
    """Give the addresses behind the numbers of a part of the board."""
    return CELLS[part](m) if part in CELLS else {}


def facts(m: Material) -> Mapping[str, str]:
    """Give the addresses behind the facts of the board, by their names."""
    equity, money = customers(sort="-residual_clv"), rows_url("orders")
    spent = rows_url("spent", channel="*")
    return {
        m.say("Customers"): customers(),
        m.say("Orders"): money,
        m.say("Purchases expected"): customers(columns="expected_purchases", sort="-residual_clv"),
        m.say("Mean value to come"): equity,
        m.say("Average purchase value"): money,
        m.say("× {name}", name=m.say("Purchases per year")): money,
        m.say("× {name}", name=m.say("Length of the relationship (years)")): customers(
            sort="-last_purchase"
        ),
        m.say("= LTV by the plain formula"): money,
        m.say("Cost per new customer (CAC)"): spent,
        m.say("Value of such a customer"): customers(sort="-historical_value"),
        m.say("LTV:CAC"): spent,
        m.say("Payback"): money,
        **{
            m.say("Bought again within {n} days", n=m.say.number(days)): rows_url(
                "purchases", purchase=1, days=days
            )
            for days in DAYS
        },
    }


def _of_months(m: Material, table: str, name: str) -> Cells:
    """Lead from each month of a cohort's life to its rows, and from its size to its customers."""
    found = {}
    for row in m.rows(table):
        cohort, age = row["cohort"], row["age_months"]
        month = m.say.month(cohort)
        found[month, m.say("Customers")] = customers(cohort=f"{cohort:%Y-%m}")
        head = m.say("month {n}", n=m.say.number(age))
        found[month, head] = rows_url(name, cohort=cohort, month=later(cohort, age))
    return found


def _repurchase(m: Material) -> Cells:
    names = {
        1: m.say("after the 1st purchase"),
        2: m.say("after the 2nd purchase"),
        3: m.say("after the 3rd purchase"),
        4: m.say("after a later purchase"),
    }
    return {
        (name, m.say("within {n} days", n=m.say.number(days))): rows_url(
            "purchases", purchase=purchase, days=days
        )
        for purchase, name in names.items()
        for days in DAYS
    }


def _acquisition(m: Material) -> Cells:
    """Lead from costs to what was spent, and from the new to who first bought in that time."""
    found: dict[tuple[str, str], str] = {}
    for row in listed(m):
        name, channel = channel_name(m, row["channel"]), row["channel"]
        heads = m.say("Spent"), m.say("CAC"), m.say("Acquisition cost")
        found |= {(name, head): rows_url("spent", channel=channel) for head in heads}
        if row["from_on"] is not None and channel:
            days = {"first_from": f"{row['from_on']}", "first_to": f"{row['until_on']}"}
            own = {} if channel == "*" else {"channel": channel}
            found[name, m.say("New customers")] = customers(**own, **days)
    return found


def _concentration(m: Material) -> Cells:
    """Lead to the most valuable, by what is to come or by what they have brought."""
    sorts = {m.say("Value to come"): "-residual_clv", m.say("Value so far"): "-historical_value"}
    top = [m.say("top {share}", share=m.say.percent(share)) for share in SHARES]
    return {(name, head): customers(sort=sort) for name in top for head, sort in sorts.items()} | {
        (m.say("top {share}", share=m.say.percent(share)), m.say("Value to come")): customers(
            value_rank=rank
        )
        for share, rank in RANKS.items()
    }


def _accuracy(m: Material) -> Cells:
    """Lead to who was known by then, and what they bought; where all customers were looked at."""
    if (m.get("customers") or 0) > STUDIED_CUSTOMERS:
        return {}
    found = {}
    for row in m.rows("past_forecasts"):
        made_on, days = row["made_on"], row["horizon_days"]
        span = _span(m, made_on, days)
        found[span, m.say("Customers")] = customers(first_to=f"{made_on:%Y-%m-%d}")
        found[span, m.say("Actual")] = rows_url("followed", made_on=made_on, horizon=days)
    return found


def _span(m: Material, made_on: date, days: int) -> str:
    first, last = (made_on + timedelta(days=n) for n in (1, days))
    return m.say("{low} to {high}", low=m.say.day(first), high=m.say.day(last))


CELLS: Mapping[str, Callable[[Material], Cells]] = {
    "ltv": lambda m: _of_months(m, "ltv_by_cohort", "cohort-value"),
    "retention": lambda m: _of_months(m, "retention", "cohort-buyers"),
    "acquisition": _acquisition,
    "repurchase": _repurchase,
    "concentration": _concentration,
    "accuracy": _accuracy,
}


def linked(part: str, found: Cells, row: str, head: str, text: Any, whole: str) -> str:
    """Give the address of a cell: its own, or that of its row where all is of the same."""
    if not any(sign.isdigit() for sign in str(text)):
        return ""
    return found.get((row, head), whole if part in BY_ROW else "")
