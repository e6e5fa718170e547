"""The result of an experiment that was made elsewhere, in the words of our own."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
from django.utils.translation import gettext as _

from kizuna.charts.effect_intervals import effect_intervals
from kizuna.pipeline.parameters import minor_units
from kizuna.web.measure.results import explained, words
from kizuna.web.measure.results.models import Outside
from kizuna.web.measure.results.page import LEAST_USEFUL, ratio, stats
from kizuna.web.measure.results.queries import ALL, Row
from kizuna.web.ui.components import Cell, Column, Table
from kizuna.web.ui.templatetags.ui import writer

FIGURES = 4
"""Significant digits of a standard error; what stands beside it has as many decimals."""


def outside(found: Outside, currency: str) -> dict[str, Any]:
    """Give the page of one experiment."""
    data, plan = found.found, found.asked["plan"]
    control, unit = data["control"], minor_units(currency)
    outcomes = [_outcome(one, plan, control) for one in data["outcomes"]]
    money = next((one for one in data["outcomes"] if one["kind"] == "money"), None)
    held = {"sample_ratio_p": data["sample_ratio"]["p"]}
    shown = {"outcomes": outcomes, "ratio": ratio(held), "sizes": _sizes(data)}
    shown |= {"left_out": _left_out(data), "known": None}
    if money:
        rows = [_as_ours(row, unit) for row in money["contrasts"]]
        mine = [row for row in rows if row["against"] == control]
        shown["verdicts"] = [_verdict(row, currency) for row in mine]
        shown["picture"] = _picture(mine, currency)
    if plan["covariates"]:
        shown["known"] = _known(data["outcomes"], plan["covariates"])
    return shown


def refused(found: Outside) -> str:
    """Say why a file was refused."""
    said = {
        "no_control": _("No row has “%(control)s” in the column “%(arm)s”."),
        "few_groups": _("The column “%(arm)s” needs two groups or more, of two rows at least."),
        "many_groups": _("The column “%(arm)s” has %(n)s values; a group is one of 2 to %(most)s."),
        "no_column": _("The file has no column “%(name)s”; it has %(columns)s."),
        "no_outcome": _("Name at least one column that was measured."),
        "two_things": _("A column is one thing only: the group, measured, or known before."),
        "gone": _("The file is no longer there; bring it in again."),
        "repeated": _(
            "“%(unit)s” stands in %(n)s rows: give one row for each customer, summed up."
        ),
    }
    text = str(said.get(found.error, "%(text)s"))
    return text % dict(found.found["values"])


def head(seen: dict[str, Any]) -> Table:
    """Show the first rows of the file."""
    rows = [["–" if value is None else value for value in row] for row in seen["head"]]
    return Table(_("First rows of the file"), [Column(name) for name in seen["columns"]], rows)


def arm(name: str) -> str:
    """Name a group: as the file does, or all treated."""
    return words.arm(ALL) if name == ALL else name


def _as_ours(row: Row, unit: int) -> Row:
    """Give a contrast in money as the rows of our own results: margin, in the minor unit."""
    found = {**row, "relative": None, "horizon_days": None, "reached": row["treated"]}
    for name in ("effect", "effect_low", "effect_high"):
        found[name] = row[name.replace("effect", "margin")] * unit
    names = ("total", "total_low", "total_high", "net", "net_low", "net_high", "unit_cost")
    return found | {name: row[name] * unit for name in names}


def _verdict(row: Row, currency: str) -> dict[str, Any]:
    compared = {"arm": arm(row["arm"]), "other": arm(row["against"])}
    return {
        "name": _("%(arm)s against %(other)s") % compared,
        "word": words.verdicts()[row["verdict"]],
        "mood": words.MOODS[row["verdict"]],
        "sentence": _said(row, currency),
        "stats": [] if row["verdict"] == "mismatch" else stats(row, currency),
    }


def _said(row: Row, currency: str) -> str:
    if row["verdict"] == "mismatch":
        return words.mismatch(row)
    if row["verdict"] == "unknown":
        shown = {"n": writer().number(words.rough(row["more_units"] or 0))}
        text = _("A new experiment needs about %(n)s more customers than this one had.")
        return text % shown
    return words.said(row, currency)


def _picture(rows: Sequence[Row], currency: str) -> dict[str, Any]:
    unit = minor_units(currency)
    table = pa.table(
        {
            "label": [arm(row["arm"]) for row in rows],
            "effect": [row["effect"] / unit for row in rows],
            "low": [row["effect_low"] / unit for row in rows],
            "high": [row["effect_high"] / unit for row in rows],
            "settled": [row["verdict"] != "unknown" for row in rows],
        }
    )
    costs = {row["unit_cost"] for row in rows}
    names = (_("Earned per customer"), _("nothing"), _("its cost"))
    cost = costs.pop() / unit if len(costs) == 1 else None
    return effect_intervals(table, names=names, cost=cost, words=writer(currency))


def _sizes(data: Row) -> Table:
    say = writer()
    columns = [Column(_("Compared group")), Column(_("Customers"), number=True)]
    columns += [Column(_("By chance"), number=True)]
    pairs = zip(data["arms"], data["sample_ratio"]["due"], strict=True)
    return Table(
        _("Who is compared"),
        columns,
        [[one["arm"], say.number(one["n"]), say.number(due)] for one, due in pairs],
    )


def _left_out(data: Row) -> str:
    if not data["without_arm"] and not data["without_number"]:
        return ""
    shown = {
        name: writer().number(data[name]) for name in ("rows", "without_arm", "without_number")
    }
    return (
        _(
            "Of %(rows)s rows, %(without_arm)s name no group and %(without_number)s lack a number; "
            "they are left out. If one group lost more than the other, the comparison is not fair."
        )
        % shown
    )


def _outcome(one: Row, plan: Row, control: str) -> dict[str, Any]:
    """Give the tables of one outcome: the groups, and each pair as measured."""
    return {
        "name": one["name"],
        "groups": _groups(one),
        "contrasts": _contrasts(one, bool(plan["covariates"])),
    }


def _groups(one: Row) -> Table:
    say, share = writer(), one["kind"] == "share"
    columns = [Column(_("Compared group")), Column(_("Customers"), number=True)]
    columns += [Column(_("Sum"), number=True), Column(_("Mean"), number=True)]
    columns += [] if share else [Column(_("Variance"), number=True)]
    rows: list[list[str | Cell]] = []
    for arm_ in one["arms"]:
        row: list[str | Cell] = [arm_["arm"], say.number(arm_["n"])]
        row.append(say.number(arm_["sum"], 0 if share else 2))
        row.append(_written(arm_["mean"], one["kind"], 5 if share else 6))
        rows.append(row if share else [*row, say.number(arm_["variance"], 4)])
    return Table(_("Groups as measured: %(name)s") % {"name": one["name"]}, columns, rows)


def _contrasts(one: Row, adjusted: bool) -> Table:
    say, kind = writer(), one["kind"]
    labels = [_("Difference"), _("Standard error"), _("In standard errors"), _("95% interval")]
    labels += [_("As a share")]
    labels += [_("Adjusted difference"), _("Explained by what was known")] if adjusted else []
    labels += [_("Return on each unit spent")] if kind == "money" else []
    columns = [Column(_("Compared")), *(Column(label, number=True) for label in labels)]
    rows: list[list[str | Cell]] = []
    for row in one["contrasts"]:
        write = _beside(row["plain_error"], kind)
        shown: list[str | Cell] = [f"{arm(row['arm'])} − {arm(row['against'])}"]
        shown += [write(row["plain_effect"]), write(row["plain_error"]), say.number(row["z"], 2)]
        shown.append(f"{write(row['plain_low'])} – {write(row['plain_high'])}")
        shown.append(say.percent(row["plain_relative"], 1))
        if adjusted:
            shown += [write(row["effect"]), say.percent(row["variance_removed"], 2)]
        if kind == "money":
            shown.append(say.number(row["plain_roi"], 3))
        rows.append(shown)
    return Table(_("Pairs of groups: %(name)s") % {"name": one["name"]}, columns, rows)


def _beside(error: float, kind: str) -> Callable[[float], str]:
    """Give what writes numbers to the decimals that their standard error has; a share in %."""
    times, sign = (100.0, "%") if kind == "share" else (1.0, "")
    exact = math.floor(math.log10(error * times)) if error > 0 else 0
    decimals = min(max(FIGURES - 1 - exact, 0), 9)
    return lambda value: f"{writer().number(value * times, decimals)}{sign}"


def _written(value: float, kind: str, digits: int) -> str:
    """Write a measured number to some significant digits; a share as a percentage."""
    if kind == "share":
        return f"{writer().figure(value * 100, digits)}%"
    return writer().figure(value, digits)


def _known(outcomes: Sequence[Row], covariates: Sequence[str]) -> dict[str, Any]:
    """Say of each outcome what use it was to know customers before."""
    say, texts = writer(), []
    for one in outcomes:
        removed = [row["variance_removed"] or 0.0 for row in one["contrasts"]]
        least, best = min(removed), max(removed)
        shown = {"names": ", ".join(covariates), "outcome": one["name"]}
        digits = 0 if best >= 0.1 else 2
        shown["share"] = say.percent(best, digits)
        if say.percent(least, digits) != shown["share"]:
            ends = {"low": say.percent(least, digits), "high": shown["share"]}
            shown["share"] = _("%(low)s to %(high)s") % ends
        if best < LEAST_USEFUL:
            text = _(
                "%(outcome)s: %(names)s was of no use. It explains %(share)s of how customers "
                "differ; nothing was gained by it."
            )
        else:
            text = _("%(outcome)s: %(names)s explains %(share)s of how customers differ.")
        texts.append(text % shown)
    return {"texts": texts, "explain": explained.removed()}
