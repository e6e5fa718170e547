"""What a scenario does, in words and written numbers; how each number is computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from django.utils.translation import gettext as _

from kizuna.charts.new_customer import new_customer
from kizuna.clv.what_if import Change, Estimate, Outcome
from kizuna.pipeline.parameters import minor_units
from kizuna.report.sections.factors import NAMES
from kizuna.web.know.scenarios.explained import explained
from kizuna.web.know.scenarios.models import LIMITS, Scenario
from kizuna.web.know.scenarios.queries import Basis, Found
from kizuna.web.ui.components import Cell, Column, Explain, Table, Text
from kizuna.web.ui.templatetags.ui import writer

type Write = Callable[[float], str]

MONTHS_SHOWN = (0, 1, 3, 6, 12, 24, 36)


@dataclass(frozen=True, slots=True)
class Stat:
    """A figure under the scenario, with what it is now and the difference."""

    label: str
    value: str
    interval: str
    note: str
    explain: Explain
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A scenario as the page shows it."""

    lead: str
    stats: Sequence[Stat]
    figure: dict[str, Any]
    months: Table
    singles: Table
    plain: Table


def told(basis: Basis, found: Found, singles: Sequence[tuple[str, Outcome]]) -> Told | None:
    """Tell a scenario; None where there is no model to ask."""
    if found.outcome is None:
        return None
    return Told(
        lead=lead(basis, found.outcome.equity),
        stats=[_stat(basis, name, change) for name, change in figures(found.outcome)],
        figure=_figure(basis, found),
        months=_months(basis, found.outcome),
        singles=_singles(basis, singles),
        plain=plain(basis, found),
    )


def figures(outcome: Outcome) -> list[tuple[str, Change | None]]:
    """List the figures of an outcome in the order of the page."""
    names = ("equity", "ltv", "ratio", "payback", "purchases", "kept")
    return [(name, getattr(outcome, name)) for name in names]


def labels() -> dict[str, str]:
    """Name the figures."""
    return {
        "equity": _("Customer equity"),
        "ltv": _("LTV of a new customer"),
        "ratio": _("LTV ÷ cost of winning a customer"),
        "payback": _("Payback of a new customer"),
        "purchases": _("Purchases expected"),
        "kept": _("Purchases that remain after a year"),
    }


def lever_labels() -> dict[str, str]:
    """Name the levers."""
    return {
        "loss": _("Customers leaving"),
        "frequency": _("Orders a year"),
        "basket": _("Value of an order"),
        "margin": _("Margin"),
        "cost": _("Cost of winning a customer, now"),
        "acquisition": _("Cost of winning a customer"),
    }


def lead(basis: Basis, equity: Change) -> str:
    """Say in one sentence what the change is worth."""
    say, gain = writer(basis.state.currency), equity.gain
    if gain.value == gain.low == gain.high == 0:
        return _("Nothing is changed yet, or nothing that today's customers would bring more for.")
    return _(
        "Customer equity changes by %(gain)s (%(share)s); 90%% range: %(low)s to %(high)s."
    ) % {
        "gain": signed(say.money)(gain.value),
        "share": signed(lambda v: say.percent(v, 1))(gain.value / equity.before.value),
        "low": signed(say.money)(gain.low),
        "high": signed(say.money)(gain.high),
    }


def signed(write: Write) -> Write:
    """Write a number with its sign; one that is written as nothing has none."""

    def signed_write(value: float) -> str:
        if write(abs(value)) == write(0.0):
            return write(0.0)
        return ("+" if value > 0 else "") + write(value)

    return signed_write


def write_of(basis: Basis, name: str) -> Write:
    """Give what writes a figure."""
    say = writer(basis.state.currency)
    return {
        "equity": say.money,
        "ltv": say.money,
        "ratio": lambda v: say.number(v, 1),
        "payback": _write_months,
        "purchases": lambda v: say.number(v),
        "kept": lambda v: say.percent(v),
    }[name]


def _write_months(value: float) -> str:
    if not isfinite(value):
        return _("later than 36 months")
    return _("%(months)s months") % {"months": _tenths(value)}


def _tenths(value: float) -> str:
    return writer().number(value, 1)


def _points(value: float) -> str:
    return _("%(points)s points") % {"points": writer().number(100 * value)}


def span_of(name: str, estimate: Estimate, write: Write) -> str:
    """Write the range of a figure, the unit of months once."""
    if name == "payback" and isfinite(estimate.low) and isfinite(estimate.high):
        return _("%(range)s months") % {"range": span(estimate, _tenths)}
    return span(estimate, write)


def span(estimate: Estimate, write: Write) -> str:
    """Write a range."""
    return _("%(low)s to %(high)s") % {"low": write(estimate.low), "high": write(estimate.high)}


def _stat(basis: Basis, name: str, change: Change | None) -> Stat:
    label, explain = labels()[name], explained(basis, name)
    if change is None:
        why = _("Needs the cost of winning a customer: type it in, or bring costs in.")
        return Stat(label, "", "", "", explain, why)
    write = write_of(basis, name)
    return Stat(
        label,
        write(change.after.value),
        span_of(name, change.after, write),
        difference(name, change, write),
        explain,
    )


def difference(name: str, change: Change, write: Write) -> str:
    """Say what a figure is now and how it changes."""
    before = _("now %(value)s") % {"value": write(change.before.value)}
    if change.gain == Estimate(0.0, 0.0, 0.0) or not isfinite(change.gain.value):
        return before
    if not isfinite(change.before.value) or not isfinite(change.after.value):
        return before
    moved = signed({"kept": _points, "payback": _tenths}.get(name, write))
    return _("%(before)s; change %(gain)s (90%% range %(range)s)") % {
        "before": before,
        "gain": moved(change.gain.value),
        "range": span(change.gain, moved),
    }


def _figure(basis: Basis, found: Found) -> dict[str, Any]:
    assert found.outcome is not None
    costs = (found.cost, found.cost * found.levers.acquisition) if found.cost else None
    now, then = found.outcome.curve_before[0].tolist(), found.outcome.curve_after.tolist()
    return new_customer(now, then, costs, words=writer(basis.state.currency))


def _months(basis: Basis, outcome: Outcome) -> Table:
    say = writer(basis.state.currency)
    heads = [_("Month"), _("Now"), _("With the change"), _("90% range")]
    now, then = outcome.curve_before, outcome.curve_after
    rows = [
        [
            say.number(month),
            say.money(now[0, month]),
            say.money(then[0, month]),
            span(Estimate(*then[:, month]), say.money),
        ]
        for month in MONTHS_SHOWN
        if month < now.shape[1]
    ]
    columns = [Column(head, number=True) for head in heads]
    return Table(_("Margin that a new customer has brought"), columns, rows)


def _singles(basis: Basis, singles: Sequence[tuple[str, Outcome]]) -> Table:
    """Set the levers side by side, each a tenth better, the one worth most first."""
    money = signed(writer(basis.state.currency).money)
    better = {
        "loss": _("10% fewer customers leave"),
        "frequency": _("10% more orders a year"),
        "basket": _("10% more value of an order"),
        "margin": _("10% more margin"),
    }
    best = sorted(singles, key=lambda single: -single[1].equity.gain.value)
    rows = [
        [
            better[name],
            money(done.equity.gain.value),
            span(done.equity.gain, money),
            money(done.ltv.gain.value),
            span(done.ltv.gain, money),
        ]
        for name, done in best
    ]
    heads = [_("Customer equity"), _("90% range"), _("LTV of a new customer"), _("90% range")]
    columns = [Column(_("If")), *(Column(head, number=True) for head in heads)]
    return Table(_("What a tenth better is worth, one lever at a time"), columns, rows)


def plain(basis: Basis, found: Found) -> Table:
    """Show the plain formula before and after; its figures now are those of the board."""
    say = writer(basis.state.currency)
    rows = [
        [
            _("= LTV by the plain formula") if name == "ltv" else say(NAMES[name]),
            _write_factor(say, name, before),
            _write_factor(say, name, after),
        ]
        for name, before, after in found.plain
    ]
    heads = [Column(_("Now"), number=True), Column(_("With the change"), number=True)]
    return Table(_("In the plain formula"), [Column(_("Factor")), *heads], rows)


def _write_factor(say: Any, name: str, value: float | None) -> str:
    if value is None:
        return _("not yet known")
    if name == "margin":
        return str(say.rate(value))
    money = name in ("average_purchase_value", "ltv")
    return str(say.money(value) if money else say.number(value, 2))


def levers_of(values: dict[str, Any], currency: str) -> list[tuple[str, str]]:
    """Write what a scenario moves, each lever with its name."""
    say, names = writer(values["currency"] or currency), lever_labels()
    written = {
        name: signed(lambda v: say.percent(v / 100, 0 if v == round(v) else 1))(values[name])
        for name in LIMITS
    }
    margin, cost = values["margin"], values["cost"]
    written["margin"] = _("as now") if margin is None else say.rate(margin / 100)
    units = minor_units(values["currency"] or currency)
    written["cost"] = _("as published") if cost is None else say.money(cost / units)
    return [(names[name], written[name]) for name in names]


def compared(basis: Basis, columns: Sequence[tuple[Scenario, Found]]) -> Table:
    """Set scenarios side by side: what each moves, then what each does."""
    heads = [Column(_("Scenario")), Column(_("Now"), number=True)]
    heads += [Column(scenario.name, number=True) for scenario, _found in columns]
    rows: list[list[Text | Cell]] = []
    moved = [levers_of(scenario.values, basis.state.currency) for scenario, _found in columns]
    for k, (name, _value) in enumerate(moved[0] if moved else []):
        rows.append([name, "–", *(levers[k][1] for levers in moved)])
    for name, label in labels().items():
        rows += _compared_rows(basis, name, label, [found for _scenario, found in columns])
    return Table(_("Scenarios side by side"), heads, rows)


def _compared_rows(
    basis: Basis, name: str, label: str, all_found: Sequence[Found]
) -> list[list[Text | Cell]]:
    write = write_of(basis, name)
    changes = [getattr(found.outcome, name) if found.outcome else None for found in all_found]
    unknown, first = _("not yet known"), next((c for c in changes if c), None)
    values: list[Text | Cell] = [label, write(first.before.value) if first else unknown]
    values += [write(c.after.value) if c else unknown for c in changes]
    ranges: list[Text | Cell] = [
        _("90% range"),
        span_of(name, first.before, write) if first else "–",
        *(span_of(name, c.after, write) if c else "–" for c in changes),
    ]
    return [values, ranges]
