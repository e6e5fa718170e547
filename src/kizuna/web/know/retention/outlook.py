"""What is still to come, and at risk: the forecast, its log, both definitions of risk, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from kizuna.report.names import segment_name
from kizuna.web.know.publications.queries import Published, published
from kizuna.web.know.retention.forms import Asked
from kizuna.web.know.retention.queries import Row, by_size, chosen_of
from kizuna.web.know.retention.wording import money_of
from kizuna.web.know.rows.links import rows_url
from kizuna.web.ui.components import Cell, Column, Explain, Table
from kizuna.web.ui.leafing import Leafing
from kizuna.web.ui.templatetags.ui import writer

NEEDED = ("revenue_forecasts", "retention_months", "contract_risks", "value_risks")
PUBLISHED = "published"
SHOWN, A_PAGE = 24, 50


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the running contracts of a currency still bring, and what customers may not bring."""

    state: Published
    currency: str
    currencies: Sequence[str]
    ahead: Sequence[Row]
    past: Sequence[Row]
    report: Sequence[Row]
    first_month: date | None
    compared: bool
    risk: Row | None
    segments: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Log(Leafing):
    """Forecasts beside what came, the latest first, page by page."""

    state: Published
    currency: str
    past: Sequence[Row]
    number: int
    has_next: bool


def outlook(currency: str) -> Outlook | None:
    """Give the latest forecast and those made from days before; None where nothing is published."""
    state = published()
    if state is None or not all(state.has(name) for name in NEEDED):
        return None
    currencies = by_size(state.table("retention_months").sort_by("month").to_pylist())
    chosen = chosen_of(currency, currencies)
    rows = state.table("revenue_forecasts").sort_by(
        [("made_on", "ascending"), ("month", "ascending")]
    )
    own = [row for row in rows.to_pylist() if row["currency"] == chosen]
    last = max((row["made_on"] for row in own), default=None)
    report = [r for r in _accuracy(state, "revenue_accuracy_report") if r["currency"] == chosen]
    told = [r for r in _accuracy(state, "revenue_accuracy") if r["currency"] == chosen]
    kept = [row for row in told if row["source"] == PUBLISHED]
    risks = [r for r in state.table("contract_risks").to_pylist() if r["currency"] == chosen]
    coming = [row for row in own if row["made_on"] == last]
    return Outlook(
        state,
        chosen,
        currencies,
        coming,
        [row for row in _latest(told) if row["actual"] is not None][:SHOWN],
        sorted(report, key=lambda row: (row["source"] != PUBLISHED, row["months_ahead"])),
        min((row["month"] for row in kept or coming), default=None),
        any(row["actual"] is not None for row in kept),
        risks[0] if risks else None,
        state.table("value_risks").to_pylist(),
    )


def forecasts(currency: str, number: int, source: str = "", ahead: int = 0) -> Log | None:
    """Give a page of forecasts, all or those of a kind; None where nothing is published.

    Those that wait for what comes are among all; with a source and months ahead only those that
    the accuracy of these is made of.
    """
    state = published()
    if state is None or not state.has("revenue_accuracy"):
        return None
    told = _accuracy(state, "revenue_accuracy")
    chosen = currency or next((row["currency"] for row in told), "")
    own = _latest([row for row in told if row["currency"] == chosen])
    if source and ahead:
        own = [r for r in own if (r["source"], r["months_ahead"]) == (source, ahead)]
        own = [r for r in own if r["error"] is not None]
    shown = own[(number - 1) * A_PAGE : number * A_PAGE]
    return Log(state, chosen, shown, number, len(own) > number * A_PAGE)


def _accuracy(state: Published, name: str) -> list[Row]:
    rows: list[Row] = state.table(name).to_pylist() if state.has(name) else []
    return rows


def _latest(rows: Sequence[Row]) -> list[Row]:
    """Put the latest first; of one day and month that which was made then."""
    return sorted(rows, key=lambda r: (r["made_on"], r["month"], r["source"]), reverse=True)


def ahead(found: Outlook) -> Table:
    """List the months to come."""
    say, money = writer(found.currency), money_of(found.currency)
    heads = [_("Bound"), _("Expected"), _("90% interval")]
    columns = [Column(_("Month")), *(Column(head, number=True) for head in heads)]
    rows: list[list[Any]] = [
        [
            say.month(row["month"]),
            Cell(money(row["committed"]), _parts(row)),
            Cell(money(row["expected"]), _parts(row)),
            f"{money(row['expected_low'])} – {money(row['expected_high'])}",
        ]
        for row in found.ahead
    ]
    return Table(_("Recurring revenue to come"), columns, rows)


def past(found: Outlook) -> Table:
    """Tell how good past forecasts were, by how far ahead they were made; those made then first."""
    say = writer()
    heads = [
        _("Months ahead"),
        _("Forecasts"),
        _("Mean error"),
        _("Bias"),
        _("Within the interval"),
    ]
    columns = [Column(_("Made when")), *(Column(head, number=True) for head in heads)]
    rows: list[list[Any]] = [
        [
            made()[row["source"]],
            say.number(row["months_ahead"]),
            *(
                Cell(text, _compared(found.currency, row))
                for text in (
                    say.number(row["forecasts"]),
                    say.percent(row["mean_error"], 1),
                    say.percent(row["bias"], 1),
                    say.percent(row["inside"], 0),
                )
            ),
        ]
        for row in found.report
    ]
    return Table(_("Past forecasts beside what came"), columns, rows)


def made() -> dict[str, str]:
    """Say when a forecast was made."""
    return {
        "published": _("made then"),
        "again": _("made again now"),
    }


def said(asked: Asked) -> str:
    """Say which forecasts were asked for; empty for all."""
    if not (asked.source and asked.ahead):
        return ""
    told = {"made": made()[asked.source], "n": writer().number(asked.ahead)}
    return _("%(made)s, %(n)s months ahead") % told


def log(found: Outlook | Log) -> Table:
    """List past forecasts, each beside what came."""
    say, money = writer(), money_of(found.currency)
    heads = [_("Bound"), _("Expected"), _("90% interval"), _("What came"), _("Forecast error")]
    columns = [Column(_("Made on")), Column(_("Made when")), Column(_("For"))]
    columns += [*(Column(head, number=True) for head in heads), Column(_("In the interval?"))]
    rows: list[list[Any]] = [
        [
            say.day(row["made_on"]),
            made()[row["source"]],
            say.month(row["month"]),
            *(_again(row, money(row[name])) for name in ("committed", "expected")),
            f"{money(row['expected_low'])} – {money(row['expected_high'])}",
            "–" if row["actual"] is None else _came(row, money(row["actual"])),
            "–" if row["error"] is None else say.percent(row["error"], 1),
            _inside(row),
        ]
        for row in found.past
    ]
    return Table(_("Forecasts, each beside what came"), columns, rows)


def waiting(found: Outlook) -> str:
    """Say when the first published forecast can be compared; empty once one was."""
    if found.compared:
        return ""
    if found.first_month is None:
        return ""
    shown = {
        "month": writer().month(found.first_month),
        "day": writer().day(_end(found.first_month)),
    }
    return (
        _(
            "Each publication's forecast is kept as it was made. The first comparison is that for "
            "%(month)s: it will be here once that month is over and the data goes up to %(day)s. "
            "Until then, those below were made again now."
        )
        % shown
    )


def _inside(row: Row) -> Any:
    if row["inside"] is None:
        return Cell(_("not over yet"), mood="unknown")
    return Cell(_("yes"), mood="good") if row["inside"] else Cell(_("no"), mood="caution")


def _end(month: date) -> date:
    """Give the last day of a month."""
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


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
        "accuracy": Explain(
            _(
                "Each publication's forecast is kept as it was made, and set beside what then "
                "came. Beside it the same forecast is made again now from what was known on the "
                "ends of the twelve months before: with the method of now, not that of then."
            ),
            _("error = what came ÷ what was expected − 1; bias = mean of the errors"),
            _(
                "Months that are over; of several publications of a day the first. What came is "
                "of the customers of that day, of each at most what was paid then."
            ),
            _("Nine of ten should lie in the 90% interval."),
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
    made_on = found.ahead[0]["made_on"] if found.ahead else None
    rows = rows_url("forecast", currency=found.currency, made_on=made_on) if made_on else ""
    return [
        Cell(_("Contracts, over twelve months"), link),
        *(Cell(money(row[name]), rows) for name in ("expected_value", "expected_loss")),
        money(row["tail_loss"]),
    ]


def _of_purchases(found: Outlook) -> list[Any] | None:
    equity, say = found.state.summary.get("customer_equity"), writer(found.state.currency)
    if not equity:
        return None
    lost = sum(row["expected_loss"] or 0 for row in found.segments)
    return [
        Cell(_("Purchases, within the horizon"), _listed()),
        Cell(say.money(equity["value"]), _listed(sort="-residual_clv")),
        Cell(money_of(found.state.currency)(lost), _listed()),
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
            Cell(say.number(row["customers"]), _listed(row["rfm_segment"])),
            Cell(money(row["value"]), _listed(row["rfm_segment"], "-residual_clv")),
            Cell(money(row["expected_loss"]), _listed(row["rfm_segment"])),
        ]
        for row in sorted(known, key=lambda row: -row["expected_loss"])
    ]
    return Table(_("Expected loss by segment"), columns, rows)


def _listed(segment: str = "", sort: str = "-value_at_risk") -> str:
    asked = {"segment": segment} if segment else {}
    return reverse("customers:list", query=asked | {"sort": sort})


def _parts(row: Row) -> str:
    """Lead to what a month of a forecast is made of."""
    return rows_url(
        "forecast", currency=row["currency"], made_on=row["made_on"], month=row["month"]
    )


def _again(row: Row, text: str) -> Cell | str:
    """Lead there where the forecast was made again; of one made then only its sum is kept."""
    return text if row["source"] == PUBLISHED else Cell(text, _parts(row))


def _came(row: Row, text: str) -> Cell | str:
    if row["source"] == PUBLISHED:
        return text
    asked = {"currency": row["currency"], "made_on": row["made_on"], "month": row["month"]}
    return Cell(text, rows_url("came", **asked))


def _compared(currency: str, row: Row) -> str:
    """Lead to the forecasts that were made so far ahead."""
    asked = {"currency": currency, "source": row["source"], "ahead": row["months_ahead"]}
    return reverse("retention:forecasts", query=asked)
