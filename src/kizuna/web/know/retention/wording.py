"""Retention in words: numbers with their definitions, the chart, tables with links."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pyarrow as pa
from django.urls import reverse
from django.utils.translation import gettext as _

from kizuna.charts.kept_revenue import kept_revenue
from kizuna.pipeline.parameters import minor_units
from kizuna.web.know.retention.definitions import Term, definitions
from kizuna.web.know.retention.queries import (
    SHOWN_MONTHS,
    Kept,
    Row,
)
from kizuna.web.know.rows.links import before, rows_url
from kizuna.web.ui.components import Cell, Column, Explain, Tab, Table
from kizuna.web.ui.templatetags.ui import writer

FOURTH = 4
"""Number under which `repurchase` keeps all purchases from the fourth on."""


def pages(current: str) -> list[Tab]:
    """Give the pages of retention."""
    names = {"kept": _("Kept and lost"), "cohorts": _("Cohorts"), "won": _("Cost of winning")}
    names |= {"service": _("Cost to serve"), "outlook": _("Outlook and risk")}
    return [Tab(n, reverse(f"retention:{key}"), key == current) for key, n in names.items()]


def of_contracts(found: Kept) -> list[dict[str, Any]]:
    """Give the numbers of contracts with how each is computed, and a way to their rows."""
    last = found.last
    if last is None:
        return []
    say, url = writer(found.currency), _urls(found.currency)
    ratio = last["quick_ratio"]
    values = {
        "net_retention": _percent(last["net_retention"], url["year"](last["month"])),
        "gross_retention": _percent(last["gross_retention"], url["year"](last["month"])),
        "logo_churn": _percent(last["logo_churn"], url["lost"](last["month"])),
        "quick_ratio": ("" if ratio is None else say.number(ratio, 1), url["moves"](last["month"])),
        "renewal_rate": _percent(
            last["renewal_rate"], rows_url("renewals", currency=found.currency)
        ),
        "win_back_rate": _percent(last["win_back_rate"], url["back"](last["month"])),
    }
    notes = {
        "renewal_rate": _("%(renewed)s of %(due)s terms")
        % {
            "renewed": say.number(last["renewed_365d"]),
            "due": say.number(last["renewals_due_365d"]),
        },
        "win_back_rate": _("%(back)s of %(former)s former customers in the last month")
        % {
            "back": say.number(last["customers_back"]),
            "former": say.number(last["former_customers"]),
        },
    }
    return _stats(values, notes, say.day(last["until_on"]), _unknown())


def of_orders(found: Kept) -> list[dict[str, Any]]:
    """Give the numbers of orders."""
    say, until = writer(), found.state.summary["as_of"]
    rates = {(r["purchase"], r["days"]): r for r in found.repurchase}
    whole = [row for row in found.win_backs if row["complete"]]
    if not rates and not whole:
        return []
    second, again = rates.get((1, 365)), rates.get((FOURTH, 365))
    back = whole[-1] if whole else None
    values = {
        "second": _percent(second["rate"] if second else None, _followed(1)),
        "again": _percent(again["rate"] if again else None, _followed(FOURTH)),
        "back": _percent(
            back["rate"] if back else None, rows_url("silent", month=back["month"]) if back else ""
        ),
    }
    notes = {
        key: _("%(some)s of %(all)s")
        % {"some": say.number(row[some]), "all": say.number(row[every])}
        for key, row, some, every in (
            ("second", second, "again", "purchases"),
            ("again", again, "again", "purchases"),
            ("back", back, "back", "lapsed"),
        )
        if row
    }
    return _stats(values, notes, say.day(date.fromisoformat(until)), _unknown())


def chart(found: Kept) -> dict[str, Any] | None:
    """Draw net and gross retention, with the numbers of each month and ways to their rows."""
    shown = list(found.months[-SHOWN_MONTHS:])
    if not shown:
        return None
    known = [row for row in shown if row["net_retention"] is not None]
    names = {"net_retention": _("Net (NRR)"), "gross_retention": _("Gross (GRR)")}
    figure = kept_revenue(pa.Table.from_pylist(known), names=names, words=writer(found.currency))
    return {"figure": figure if known else None, "numbers": _months(found, shown)}


def _months(found: Kept, shown: Sequence[Row]) -> Table:
    say, url = writer(found.currency), _urls(found.currency)
    heads = [_("NRR"), _("GRR"), _("Customers at the beginning"), _("Customers lost")]
    heads += [_("MRR lost"), _("Due"), _("Renewed"), _("Quick ratio"), _("Came back")]
    columns = [Column(_("Month")), *(Column(head, number=True) for head in heads)]
    rows: list[list[Any]] = [
        [
            say.month(row["month"]),
            opened(row["net_retention"], url["year"](row["month"])),
            opened(row["gross_retention"], url["year"](row["month"])),
            Cell(say.number(row["customers_opening"]), url["opening"](row["month"])),
            Cell(say.number(row["customers_lost"]), url["churn"](row["month"])),
            opened(row["revenue_churn_month"], url["moved"](row["month"])),
            Cell(say.number(row["renewals_due"]), url["due"](row["month"])),
            Cell(say.number(row["renewed"]), url["due"](row["month"])),
            "–"
            if row["quick_ratio"] is None
            else Cell(say.number(row["quick_ratio"], 1), url["moves"](row["month"])),
            Cell(say.number(row["customers_back"]), url["back"](row["month"])),
        ]
        for row in reversed(shown)
    ]
    return Table(_("Retention by month"), columns, rows)


def win_backs(found: Kept) -> Table | None:
    """List the months of buyers who had fallen silent."""
    say, shown = writer(), [row for row in found.win_backs if row["complete"]][-12:]
    if not shown:
        return None
    heads = [_("Silent at the beginning"), _("Of these, bought again"), _("Share")]
    columns = [Column(_("Month")), *(Column(head, number=True) for head in heads)]
    rows: list[list[Any]] = [
        [
            say.month(row["month"]),
            Cell(say.number(row["lapsed"]), rows_url("silent", month=row["month"])),
            Cell(say.number(row["back"]), rows_url("silent", month=row["month"], what="back")),
            _share(row["rate"]),
        ]
        for row in reversed(shown)
    ]
    return Table(_("Buyers who had fallen silent"), columns, rows)


def currencies(found: Any, name: str) -> list[Tab]:
    """Give the currencies to choose from."""
    return [
        Tab(code, reverse(name, query={"currency": code}), code == found.currency)
        for code in found.currencies
    ]


def channel_name(name: str) -> str:
    """Name a channel."""
    return {"*": _("All channels"), "": _("Channel not known")}.get(name, name)


def money_of(currency: str) -> Any:
    """Give what writes an amount of minor units."""
    say, unit = writer(currency), minor_units(currency)
    return lambda amount: say.money(None if amount is None else amount / unit)


def customer_url(customer_id: str) -> str:
    """Give the address of a customer."""
    return reverse("customers:one", query={"id": customer_id})


def explained(term: Term, until: str) -> Explain:
    """Say how a number is computed."""
    rows = f"{term.rows} {term.edges}".strip()
    return Explain(term.definition, term.formula, rows, as_of=until)


def _stats(
    values: dict[str, tuple[str, str]], notes: dict[str, str], until: str, unknown: dict[str, str]
) -> list[dict[str, Any]]:
    return [
        {
            "label": term.name,
            "value": values[term.key][0],
            "url": values[term.key][1],
            "note": notes.get(term.key) if values[term.key][0] else None,
            "unknown": "" if values[term.key][0] else unknown[term.key],
            "explain": explained(term, until),
        }
        for term in definitions()
        if term.key in values
    ]


def _unknown() -> dict[str, str]:
    """Say what each number waits for."""
    a_year = _("It takes customers who already paid twelve months ago.")
    purchases = _("It takes purchases that lie a year back.")
    return {
        "net_retention": a_year,
        "gross_retention": a_year,
        "logo_churn": a_year,
        "quick_ratio": _("Nothing was given up in twelve months: there is nothing to divide by."),
        "renewal_rate": _("No term of a contract came to its end in twelve months."),
        "win_back_rate": _("Nobody had stopped paying before the month began."),
        "second": purchases,
        "again": purchases,
        "back": _("Nobody had been silent for more than 180 days."),
    }


def _urls(currency: str) -> dict[str, Any]:
    """Give the ways to the rows behind each number."""

    def rows(name: str, **asked: Any) -> Any:
        return lambda month: rows_url(name, currency=currency, month=month, **asked)

    return {
        "year": rows("year"),
        "lost": rows("year", outcome="lost"),
        "opening": lambda month: rows("paying")(before(month)),
        "moved": rows("movements"),
        "churn": rows("movements", kind="churn"),
        "back": rows("movements", kind="reactivation"),
        "due": rows("renewals"),
        "moves": lambda month: rows_url("movements", currency=currency, until=month),
    }


def _followed(purchase: int) -> str:
    return rows_url("purchases", purchase=purchase, days=365)


def opened(share: float | None, url: str) -> Cell | str:
    """Write a share that leads to its rows; a dash where it is not known."""
    return "–" if share is None else Cell(_share(share), url)


def _percent(share: float | None, url: str = "") -> tuple[str, str]:
    return ("" if share is None else writer().percent(share, 1), url)


def _share(share: float | None) -> str:
    return "–" if share is None else writer().percent(share, 1)
