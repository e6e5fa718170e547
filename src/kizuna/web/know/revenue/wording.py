"""Recurring revenue in words: numbers with their definitions, the chart, tables with links."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from django.urls import reverse
from django.utils.translation import gettext as _

from kizuna.charts.mrr_bridge import mrr_bridge
from kizuna.pipeline.contract_tables import MOVEMENTS
from kizuna.pipeline.parameters import minor_units
from kizuna.web.know.revenue.definitions import definitions
from kizuna.web.know.revenue.queries import SHOWN_MONTHS, OfCustomer, Revenue, Row
from kizuna.web.know.rows.links import before, rows_url
from kizuna.web.ui.components import Cell, Column, Explain, Tab, Table
from kizuna.web.ui.templatetags.ui import writer


def names() -> dict[str, str]:
    """Name each movement."""
    return {
        "new": _("New"),
        "expansion": _("Expansion"),
        "contraction": _("Contraction"),
        "churn": _("Churn"),
        "reactivation": _("Reactivation"),
    }


def stats(found: Revenue) -> list[dict[str, Any]]:
    """Give the numbers of the last day with how each is computed."""
    say, last, year = writer(found.currency), found.last, found.year
    paying, money = last["customers_closing"], _money(found.currency)
    mean = money(last["closing"] / paying) if paying else "–"
    values = {
        "mrr": money(last["closing"]),
        "arr": money(last["closing"] * 12),
        "customers": say.number(paying),
        "arpa": mean,
        "nrr": say.percent(year["net_retention"], 1) if year else "",
        "grr": say.percent(year["gross_retention"], 1) if year else "",
        "logo": say.percent(year["customers_lost"] / year["customers"], 1) if year else "",
    }
    until, urls = say.day(last["until_on"]), _rows_of(found)
    return [
        {
            "label": term.name,
            "value": values[term.key],
            "url": urls[term.key],
            "explain": _explain(term, until),
        }
        for term in definitions()
        if term.key in values
    ]


def _rows_of(found: Revenue) -> dict[str, str]:
    """Give the way to the rows behind each number."""
    asked = {"currency": found.currency, "month": found.last["month"]}
    paying, year = rows_url("paying", **asked), rows_url("year", **asked)
    lost = rows_url("year", **asked, outcome="lost")
    return dict.fromkeys(("mrr", "arr", "customers", "arpa"), paying) | {
        "nrr": year,
        "grr": year,
        "logo": lost,
    }


def chart(found: Revenue) -> dict[str, Any]:
    """Draw the bridge, with its numbers as a table whose months lead to their movements."""
    words = names() | {"closing": _("MRR at the end of the month"), "axis": _("MRR")}
    shown = list(found.months[-SHOWN_MONTHS:])
    figure = mrr_bridge(
        pa.Table.from_pylist(shown),
        minor_units=minor_units(found.currency),
        names=words,
        words=writer(found.currency),
    )
    return {"figure": figure, "numbers": _bridge(found, shown)}


def _bridge(found: Revenue, shown: Sequence[Row]) -> Table:
    money, say, words = _money(found.currency), writer(found.currency), names()
    heads = [_("Opening"), *(words[kind] for kind in MOVEMENTS), _("Closing"), _("Customers")]
    columns = [Column(_("Month")), *(Column(head, number=True) for head in heads)]
    rows: list[list[Any]] = []
    for row in reversed(shown):
        cells: list[Any] = [Cell(_month(row, say), _url(found.currency, row["month"]))]
        opening = _paying(found.currency, before(row["month"])) if row["opening"] else ""
        cells.append(Cell(money(row["opening"]), opening))
        for kind in MOVEMENTS:
            url = _url(found.currency, row["month"], kind) if row[kind] else ""
            cells.append(Cell(money(row[kind]), url))
        link = _paying(found.currency, row["month"])
        closing = money(row["closing"]), say.number(row["customers_closing"])
        rows.append([*cells, *(Cell(text, link) for text in closing)])
    return Table(_("Recurring revenue by month"), columns, rows)


def _paying(currency: str, month: Any) -> str:
    return rows_url("paying", currency=currency, month=month)


def _month(row: Row, say: Any) -> str:
    month = str(say.month(row["month"]))
    if row["complete"]:
        return month
    return _("%(month)s (up to %(day)s)") % {"month": month, "day": say.day(row["until_on"])}


def due(found: Revenue) -> Table:
    """List the contracts whose notice falls due first."""
    say, money = writer(found.currency), _money(found.currency)
    columns = [Column(_("Contract")), Column(_("Customer")), Column(_("Notice by"))]
    columns += [Column(_("Business days left"), number=True), Column(_("Term ends"))]
    columns += [Column(_("MRR"), number=True)]
    rows: list[list[Any]] = [
        [
            row["contract_id"],
            Cell(row["name"], _customer(row["customer_id"])),
            say.day(row["notice_by"]),
            say.number(row["business_days_left"]),
            say.day(row["ends_on"]),
            money(row["mrr"]),
        ]
        for row in found.due
    ]
    return Table(_("Notice falls due within 65 business days"), columns, rows)


def over(found: Revenue) -> Table:
    """List the customers who use more than they pay for."""
    say = writer()
    columns = [Column(_("Customer"))]
    columns += [Column(head, number=True) for head in (_("Seats paid for"), _("Seats used"))]
    rows: list[list[Any]] = [
        [
            Cell(row["name"], _customer(row["customer_id"])),
            say.number(row["seats"]),
            say.number(row["used"]),
        ]
        for row in found.over
    ]
    return Table(_("More used than paid for"), columns, rows)


def currencies(found: Revenue) -> list[Tab]:
    """Give the currencies to choose from."""
    return [
        Tab(code, reverse("revenue:revenue", query={"currency": code}), code == found.currency)
        for code in found.currencies
    ]


def contracts(found: OfCustomer | None) -> Table | None:
    """List the running contracts of a customer."""
    if found is None:
        return None
    say = writer()
    columns = [Column(_("Contract")), Column(_("Product")), Column(_("MRR"), number=True)]
    columns += [Column(_("Seats paid for"), number=True), Column(_("Term ends"))]
    columns += [Column(_("Notice by"))]
    rows: list[list[Any]] = [
        [
            row["contract_id"],
            row["product"] or "–",
            "–" if row["mrr"] is None else _money(row["currency"])(row["mrr"]),
            say.number(row["seats"]),
            *(
                "–" if row[name] is None else say.day(row[name])
                for name in ("ends_on", "notice_by")
            ),
        ]
        for row in found.contracts
    ]
    return Table(_("Contracts"), columns, rows)


def use(found: OfCustomer | None) -> str:
    """Say how much of what is paid for is used."""
    if found is None or found.use is None:
        return ""
    say, row = writer(), found.use
    if row["used"] is None:
        return _("How many of the %(seats)s seats are used is not known: no event names who.") % {
            "seats": say.number(row["seats"])
        }
    return _("%(used)s of %(seats)s seats were used in the last 28 days.") % {
        "used": say.number(row["used"]),
        "seats": say.number(row["seats"]),
    }


def _money(currency: str) -> Any:
    say, unit = writer(currency), minor_units(currency)
    return lambda amount: say.money(None if amount is None else amount / unit)


def _explain(term: Any, until: str) -> Explain:
    return Explain(term.definition, term.formula, term.rows, as_of=until)


def _url(currency: str, month: Any, kind: str | None = None) -> str:
    return rows_url("movements", currency=currency, month=month, kind=kind)


def _customer(customer_id: str) -> str:
    return reverse("customers:one", query={"id": customer_id})
