"""What is still to come, and at risk: the forecast, its log, both definitions of risk, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from kizuna.report.names import segment_name
from kizuna.web.know.publications.queries import Published, published
from kizuna.web.know.retention.queries import Row, by_size, chosen_of
from kizuna.web.know.retention.wording import money_of
from kizuna.web.ui.components import Cell, Column, Explain, Table
from kizuna.web.ui.templatetags.ui import writer


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the running contracts of a currency still bring, and what customers may not bring."""

    state: Published
    currency: str
    currencies: Sequence[str]
    ahead: Sequence[Row]
    past: Sequence[Row]
    risk: Row | None
    segments: Sequence[Row]


def outlook(currency: str) -> Outlook | None:
    """Give the latest forecast and those made from days before; None where nothing is published."""
    state = published()
    if state is None or not state.has("revenue_forecasts"):
        return None
    currencies = by_size(state.table("retention_months").sort_by("month").to_pylist())
    chosen = chosen_of(currency, currencies)
    rows = state.table("revenue_forecasts").sort_by(
        [("made_on", "ascending"), ("month", "ascending")]
    )
    own = [row for row in rows.to_pylist() if row["currency"] == chosen]
    last = max((row["made_on"] for row in own), default=None)
    risks = [r for r in state.table("contract_risks").to_pylist() if r["currency"] == chosen]
    return Outlook(
        state,
        chosen,
        currencies,
        [row for row in own if row["made_on"] == last],
        [row for row in own if row["actual"] is not None],
        risks[0] if risks else None,
        state.table("value_risks").to_pylist(),
    )


def ahead(found: Outlook) -> Table:
    """List the months to come."""
    say, money = writer(found.currency), money_of(found.currency)
    heads = [_("Bound"), _("Expected"), _("90% interval")]
    columns = [Column(_("Month")), *(Column(head, number=True) for head in heads)]
    rows: list[list[Any]] = [
        [
            say.month(row["month"]),
            money(row["committed"]),
            money(row["expected"]),
            f"{money(row['expected_low'])} – {money(row['expected_high'])}",
        ]
        for row in found.ahead
    ]
    return Table(_("Recurring revenue to come"), columns, rows)


def past(found: Outlook) -> Table:
    """Set what was forecast beside what then came, by how far ahead it was."""
    say = writer()
    heads = [_("Forecasts"), _("Mean error"), _("Bias"), _("Within the interval")]
    columns = [Column(_("Months ahead")), *(Column(head, number=True) for head in heads)]
    rows: list[list[Any]] = []
    for months in sorted({row["months_ahead"] for row in found.past}):
        own = [row for row in found.past if row["months_ahead"] == months and row["expected"]]
        errors = [row["actual"] / row["expected"] - 1 for row in own]
        if errors:
            inside = sum(r["expected_low"] <= r["actual"] <= r["expected_high"] for r in own)
            typical = sum(map(abs, errors)) / len(errors)
            shares = (typical, sum(errors) / len(errors))
            told = [say.number(len(own)), *(say.percent(share, 1) for share in shares)]
            rows.append([say.number(months), *told, say.percent(inside / len(own), 0)])
    return Table(_("Forecasts made again from past months, beside what came"), columns, rows)


def log(found: Outlook) -> Table:
    """List each past forecast."""
    say, money = writer(), money_of(found.currency)
    heads = [_("Bound"), _("Expected"), _("90% interval"), _("What came")]
    columns = [Column(_("Made on")), Column(_("For")), *(Column(h, number=True) for h in heads)]
    rows: list[list[Any]] = [
        [
            say.day(row["made_on"]),
            say.month(row["month"]),
            money(row["committed"]),
            money(row["expected"]),
            f"{money(row['expected_low'])} – {money(row['expected_high'])}",
            money(row["actual"]),
        ]
        for row in reversed(found.past)
    ]
    return Table(_("Every past forecast"), columns, rows)


def risks(found: Outlook) -> Table | None:
    """Tell both definitions of value at risk, of contracts and of purchases."""
    rows = [row for row in (_of_contracts(found), _of_purchases(found)) if row]
    if not rows:
        return None
    heads = [_("Value expected"), _("Expected loss"), _("Tail (5%)")]
    columns = [Column(_("Of what")), *(Column(head, number=True) for head in heads)]
    return Table(_("Value at risk, by two definitions"), columns, rows)


def explained() -> dict[str, Explain]:
    """Say how the forecast and both definitions of risk are computed."""
    return {
        "forecast": Explain(
            _(
                "Recurring revenue of the contracts that run today. New customers and changes of "
                "price are not in it."
            ),
            _("bound: terms that end later; expected: MRR × renewal rate for each term that ends"),
            _(
                "Rates of terms that ended in the 24 months before; of contracts without a term, "
                "of the months of the last twelve. Who has given notice leaves on the day."
            ),
            _("From 4,000 drawings of renewals, with rates that are not known exactly."),
            _(
                "The table below: forecasts made again from past months with what was known then, "
                "beside what came, of each customer at most what was paid then: growth is not "
                "forecast."
            ),
        ),
        "loss": Explain(
            _("What is expected to be lost: each value × the probability of losing it."),
            _("Σ probability of leaving × value"),
            _(
                "Contracts: margin of twelve months if none ended, less what is expected. "
                "Purchases: value to come × probability of having left already."
            ),
        ),
        "tail": Explain(
            _("How much worse than expected it turns out in the worst case in 20."),
            _("expected value − 5 % quantile of its distribution"),
            _("All customers together. It is not the expected loss, and the two never add up."),
        ),
    }


def _of_contracts(found: Outlook) -> list[Any] | None:
    row, money = found.risk, money_of(found.currency)
    if row is None or row["expected_value"] is None:
        return None
    link = reverse("revenue:revenue", query={"currency": found.currency})
    return [
        Cell(_("Contracts, over twelve months"), link),
        *(money(row[name]) for name in ("expected_value", "expected_loss", "tail_loss")),
    ]


def _of_purchases(found: Outlook) -> list[Any] | None:
    equity, say = found.state.summary.get("customer_equity"), writer(found.state.currency)
    if not equity:
        return None
    lost = sum(row["expected_loss"] or 0 for row in found.segments)
    return [
        Cell(_("Purchases, within the horizon"), _listed()),
        say.money(equity["value"]),
        money_of(found.state.currency)(lost),
        say.money(equity["value"] - equity["low"]),
    ]


def segments(found: Outlook) -> Table:
    """Tell the expected loss of each segment, and lead to its customers."""
    say, money = writer(found.state.currency), money_of(found.state.currency)
    heads = [_("Customers"), _("Value expected"), _("Expected loss")]
    columns = [Column(_("Segment")), *(Column(head, number=True) for head in heads)]
    known = [row for row in found.segments if row["expected_loss"] is not None]
    rows: list[list[Any]] = [
        [
            Cell(segment_name(say, row["rfm_segment"]), _listed(row["rfm_segment"])),
            say.number(row["customers"]),
            money(row["value"]),
            money(row["expected_loss"]),
        ]
        for row in sorted(known, key=lambda row: -row["expected_loss"])
    ]
    return Table(_("Expected loss by segment"), columns, rows)


def _listed(segment: str = "") -> str:
    asked = {"segment": segment} if segment else {}
    return reverse("customers:list", query=asked | {"sort": "-value_at_risk"})
