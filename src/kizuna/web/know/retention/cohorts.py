"""Cohorts in words: what is left of each, and what winning it cost, with ways to the rows."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from kizuna.web.know.retention.forms import MEASURES
from kizuna.web.know.retention.queries import AGES, SHOWN_COHORTS, Cohorts, Row, Won
from kizuna.web.know.retention.wording import channel_name, money_of, opened
from kizuna.web.know.rows.links import later, rows_url
from kizuna.web.ui.components import Cell, Column, Tab, Table
from kizuna.web.ui.templatetags.ui import writer


def measures(found: Cohorts) -> list[Tab]:
    """Give the measures of cohorts to choose from."""
    names = {"customers": _("Customers"), "revenue": _("Revenue")}
    return [
        Tab(
            names[key],
            reverse("retention:cohorts", query={"currency": found.currency, "measure": key}),
            key == found.measure,
        )
        for key in MEASURES
    ]


def cohorts(found: Cohorts) -> Table:
    """Tell what is left of each cohort: customers, or recurring revenue, of what there was."""
    say, money = writer(found.currency), money_of(found.currency)
    part, whole = ("customers_paying", "customers")
    if found.measure == "revenue":
        part, whole = "mrr", "mrr_first"
    cells = {(row["cohort"], row["age_months"]): row for row in found.rows}
    months = sorted({row["cohort"] for row in found.rows}, reverse=True)[:SHOWN_COHORTS]
    columns = [Column(_("First paid in")), Column(_("At the beginning"), number=True)]
    columns += [Column(_("Month %(age)s") % {"age": age}, number=True) for age in AGES]
    rows: list[list[Any]] = []
    for month in months:
        start = cells[month, 0][whole]
        first = money(start) if whole == "mrr_first" else say.number(start)
        link = rows_url("movements", currency=found.currency, month=month, kind="new")
        shares = [
            opened(_of(cells.get((month, age)), part, whole), _paying(found.currency, month, age))
            for age in AGES
        ]
        rows.append([say.month(month), Cell(first, link), *shares])
    return Table(_("What is left of each cohort"), columns, rows)


def channels(found: Won) -> list[Tab]:
    """Give the channels to choose from."""
    return [
        Tab(
            channel_name(name),
            reverse("retention:won", query={"channel": name}),
            name == found.channel,
        )
        for name in found.channels
    ]


def won(found: Won) -> Table:
    """Tell what winning the customers of each month cost, and whether they have paid for it."""
    say, money = writer(found.state.currency), money_of(found.state.currency)
    heads = [_("Customers won"), _("Cost"), _("Cost of a customer"), _("Margin so far")]
    heads += [_("Paid back in month")]
    columns = [Column(_("Won in")), *(Column(head, number=True) for head in heads)]
    channel = {} if found.channel == "*" else {"channel": found.channel}
    rows: list[list[Any]] = [
        [
            say.month(row["cohort"]),
            Cell(
                say.number(row["customers"]),
                reverse("customers:list", query={"cohort": f"{row['cohort']:%Y-%m}"} | channel),
            ),
            *(_spent(row[name], money, found.channel, row["cohort"]) for name in ("cost", "cac")),
            Cell(money(row["earned"]), _brought(found.channel, row["cohort"])),
            _payback(row, found.channel),
        ]
        for row in found.rows
    ]
    return Table(_("Customers by the month in which they were won"), columns, rows)


def _paying(currency: str, cohort: date, age: int) -> str:
    return rows_url("paying", currency=currency, month=later(cohort, age), cohort=cohort)


def _spent(amount: float | None, money: Any, channel: str, month: date) -> Cell | str:
    return "–" if amount is None else Cell(money(amount), _costs(channel, month))


def _costs(channel: str, month: date) -> str:
    return rows_url("spent", channel=channel, month=month)


def _brought(channel: str, cohort: date, until: date | None = None) -> str:
    return rows_url("cohort-value", cohort=cohort, channel=channel, month=until)


def _payback(row: Row, channel: str) -> Cell | str:
    if row["cost"] is None:
        return "–"
    age, cohort = row["payback_month"], row["cohort"]
    if age is not None:
        return Cell(writer().number(age), _brought(channel, cohort, later(cohort, age)))
    waits = _("not yet, after %(n)s months") % {"n": row["age_months"]}
    return Cell(waits, _brought(channel, cohort))


def _of(row: Row | None, part: str, whole: str) -> float | None:
    return row[part] / row[whole] if row and row[whole] else None
