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
from kizuna.web.know.retention.forms import MEASURES
from kizuna.web.know.retention.queries import (
    AGES,
    SHOWN_COHORTS,
    SHOWN_MONTHS,
    Cohorts,
    Kept,
    Row,
    Rows,
    Won,
)
from kizuna.web.ui.components import Cell, Column, Explain, Tab, Table
from kizuna.web.ui.templatetags.ui import writer

FOURTH = 4
"""Number under which `repurchase` keeps all purchases from the fourth on."""


def pages(current: str) -> list[Tab]:
    """Give the pages of retention."""
    names = {"kept": _("Kept and lost"), "cohorts": _("Cohorts"), "won": _("Cost of winning")}
    names |= {"service": _("Cost to serve"), "outlook": _("Outlook and risk")}
    return [Tab(n, reverse(f"retention:{key}"), key == current) for key, n in names.items()]


def outcome_names() -> dict[str, str]:
    """Name what becomes of customers and of terms."""
    return {
        "lost": _("Lost"),
        "shrunk": _("Pays less"),
        "kept": _("Unchanged"),
        "grown": _("Pays more"),
        "renewed": _("Renewed"),
        "replaced": _("Replaced by another contract"),
    }


def of_contracts(found: Kept) -> list[dict[str, Any]]:
    """Give the numbers of contracts with how each is computed, and a way to their rows."""
    last = found.last
    if last is None:
        return []
    say, url = writer(found.currency), _urls(found.currency)
    ratio = last["quick_ratio"]
    values = {
        "net_retention": _percent(last["net_retention"], url["customers"]),
        "gross_retention": _percent(last["gross_retention"], url["customers"]),
        "logo_churn": _percent(last["logo_churn"], url["lost"]),
        "quick_ratio": ("" if ratio is None else say.number(ratio, 1), url["movements"]),
        "renewal_rate": _percent(last["renewal_rate"], url["renewals"]),
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
        "second": _percent(second["rate"] if second else None),
        "again": _percent(again["rate"] if again else None),
        "back": _percent(back["rate"] if back else None),
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
            _share(row["net_retention"]),
            _share(row["gross_retention"]),
            say.number(row["customers_opening"]),
            Cell(say.number(row["customers_lost"]), url["churn"](row["month"])),
            _share(row["revenue_churn_month"]),
            Cell(say.number(row["renewals_due"]), url["due"](row["month"])),
            say.number(row["renewed"]),
            "–" if row["quick_ratio"] is None else say.number(row["quick_ratio"], 1),
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
            say.number(row["lapsed"]),
            say.number(row["back"]),
            _share(row["rate"]),
        ]
        for row in reversed(shown)
    ]
    return Table(_("Buyers who had fallen silent"), columns, rows)


def customers(found: Rows) -> Table:
    """List the customers of twelve months ago."""
    money, words = money_of(found.currency), outcome_names()
    columns = [Column(_("Customer")), Column(_("What became of it"))]
    columns += [Column(h, number=True) for h in (_("Twelve months ago"), _("Now"), _("Change"))]
    rows: list[list[Any]] = [
        [
            Cell(row["name"], customer_url(row["customer_id"])),
            words[row["outcome"]],
            *(money(row[name]) for name in ("mrr_before", "mrr_now", "change")),
        ]
        for row in found.items
    ]
    return Table(_("Customers of twelve months ago"), columns, rows)


def renewals(found: Rows) -> Table:
    """List the terms that came to their end."""
    say, money, words = writer(), money_of(found.currency), outcome_names()
    columns = [Column(_("Contract")), Column(_("Customer")), Column(_("Due"))]
    columns += [Column(_("What became of it")), Column(_("MRR"), number=True)]
    rows: list[list[Any]] = [
        [
            row["contract_id"],
            Cell(row["name"], customer_url(row["customer_id"])),
            say.day(row["due_on"]),
            words[row["outcome"]],
            money(row["mrr"]),
        ]
        for row in found.items
    ]
    return Table(_("Terms that came to their end"), columns, rows)


def outcomes(found: Rows, known: Sequence[str], name: str) -> list[Tab]:
    """Give the ways to look at rows: all, or those with one outcome."""
    month = {"month": f"{found.month:%Y-%m}"} if found.month and found.months == 1 else {}
    words = {"": _("All")} | {key: outcome_names()[key] for key in known}
    return [
        Tab(
            word,
            reverse(
                name,
                query={"currency": found.currency} | month | ({"outcome": key} if key else {}),
            ),
            key == found.outcome,
        )
        for key, word in words.items()
    ]


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
        shares = [_of(cells.get((month, age)), part, whole) for age in AGES]
        rows.append([say.month(month), first, *map(_share, shares)])
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
            *("–" if row[name] is None else money(row[name]) for name in ("cost", "cac", "earned")),
            _payback(row),
        ]
        for row in found.rows
    ]
    return Table(_("Customers by the month in which they were won"), columns, rows)


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


def _payback(row: Row) -> str:
    if row["payback_month"] is not None:
        return writer().number(row["payback_month"])
    return (
        "–" if row["cost"] is None else _("not yet, after %(n)s months") % {"n": row["age_months"]}
    )


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
    own = {"currency": currency}

    def moved(kind: str) -> Any:
        return lambda month: reverse(
            "revenue:movements", query=own | {"month": f"{month:%Y-%m}", "kind": kind}
        )

    return {
        "customers": reverse("retention:customers", query=own),
        "lost": reverse("retention:customers", query=own | {"outcome": "lost"}),
        "renewals": reverse("retention:renewals", query=own),
        "movements": reverse("revenue:revenue", query=own),
        "churn": moved("churn"),
        "back": moved("reactivation"),
        "due": lambda month: reverse("retention:renewals", query=own | {"month": f"{month:%Y-%m}"}),
    }


def _percent(share: float | None, url: str = "") -> tuple[str, str]:
    return ("" if share is None else writer().percent(share, 1), url)


def _share(share: float | None) -> str:
    return "–" if share is None else writer().percent(share, 1)


def _of(row: Row | None, part: str, whole: str) -> float | None:
    return row[part] / row[whole] if row and row[whole] else None
