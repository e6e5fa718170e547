"""The page of one action's result: what it earned, who was compared, and how sure it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa
from django.urls import reverse
from django.utils.translation import gettext as _

from kizuna.charts.effect_curve import effect_curve
from kizuna.charts.effect_intervals import effect_intervals
from kizuna.experiments.assignment import CONTROL
from kizuna.pipeline.parameters import minor_units
from kizuna.web.measure.results import explained, words
from kizuna.web.measure.results.queries import One, Row
from kizuna.web.measure.results.wording import CLAIMS, card, stood
from kizuna.web.ui.components import Cell, Column, Table
from kizuna.web.ui.templatetags.ui import writer

LEAST_USEFUL = 0.05
"""Share of the variance below which what was known before was of no use."""


def one(found: One) -> dict[str, Any]:
    """Give the page of one action."""
    row, currency = found.finding.row, found.state.currency
    shown: dict[str, Any] = {"card": card(found.finding, currency)}
    shown |= {"decisions": [_decided(one, currency) for one in found.decisions]}
    shown |= {"as_of": found.state.publication.as_of, "advice": words.advice(found.finding)}
    if row is None:
        return shown
    mine = [r for r in found.rows if r["arm"] == row["arm"] and r["against"] == CONTROL]
    return shown | {
        "stats": stats(row, currency),
        "picture": _picture(mine, row, currency),
        "is_sure": any(r["effect_low"] is not None for r in mine),
        "horizons": horizons(mine, currency, _("By days since eligibility")),
        "curve": _curve(found.days, currency),
        "compared": _compared(found.parts, row),
        "ratio": ratio(row),
        "known": known(row, currency),
        "parts": _parts(found.parts, row["horizon_days"], currency),
        "contaminated": _contaminated(found, currency),
        "arms": _arms(found.rows, row["horizon_days"], currency),
        "projection": _projection(found, currency),
        "claim": _claim(found),
        "units_url": reverse("results:units", args=[found.finding.experiment_id])
        + f"?days={row['horizon_days']}",
    }


def stats(row: Row, currency: str) -> list[dict[str, Any]]:
    """Give the numbers at the top, each with how it is computed."""
    if row["effect"] is None:
        return []
    open_text = _("too few customers, or too few days, to say more") if row["level"] is None else ""
    found = [
        _stat(_("Earned in all"), row, "total", currency, explained.total(row), open_text),
        _stat(_("Earned per customer"), row, "effect", currency, explained.effect(row), open_text),
    ]
    cost = (row["unit_cost"] or 0.0) * row["treated"]
    each = {"cost": words.amount(row["unit_cost"], currency)}
    found.append(
        {
            "label": _("Cost"),
            "value": words.amount(cost, currency),
            "note": _("%(cost)s a customer") % each,
            "explain": explained.cost(row),
        }
    )
    found.append(_stat(_("Left after cost"), row, "net", currency, explained.total(row), open_text))
    return [*found, _roi(row)]


def _stat(
    label: str, row: Row, name: str, currency: str, explain: Any, note: str
) -> dict[str, Any]:
    value = row[name]
    if value is None or row.get(f"{name}_low") is None:
        why = note or _("no look is due yet")
        return {"label": label, "unknown": why, "explain": explain}
    text = words.amount(value, currency)
    between = words.between(row, name, currency)
    return {"label": label, "value": text, "note": between, "explain": explain}


def _roi(row: Row) -> dict[str, Any]:
    found: dict[str, Any] = {"label": _("Return on the cost"), "explain": explained.roi(row)}
    if row["roi"] is None:
        why = _("no cost is recorded") if not row["unit_cost"] else _("no look is due yet")
        return found | {"unknown": why}
    say = writer()
    shown = {"low": say.percent(row["roi_low"]), "high": say.percent(row["roi_high"])}
    note = _("between %(low)s and %(high)s") % shown
    return found | {"value": say.percent(row["roi"]), "note": note}


def horizons(rows: Sequence[Row], currency: str, caption: str) -> Table:
    """List results by horizon."""
    say, names = writer(), words.verdicts()
    columns = [Column(_("Days counted")), Column(_("Verdict"))]
    columns += [Column(label, number=True) for label in (_("Treated"), _("Held out by chance"))]
    columns += [Column(_("Held out: margin"), number=True)]
    columns += [Column(_("Earned per customer"), number=True), Column(_("Interval"), number=True)]
    columns += [Column(_("As a share"), number=True), Column(_("Earned in all"), number=True)]
    ordered = sorted(rows, key=lambda row: row["horizon_days"] or 10_000)
    return Table(
        caption,
        columns,
        [
            [
                words.horizon(row["horizon_days"]),
                Cell(names[row["verdict"]], mood=words.MOODS[row["verdict"]]),
                say.number(row["treated"]),
                say.number(row["control"]),
                words.amount(row["control_mean"], currency),
                words.amount(row["effect"], currency),
                words.ends(row, "effect", currency),
                say.percent(row["relative"], 1),
                words.amount(row["total"], currency),
            ]
            for row in ordered
        ],
    )


def _picture(rows: Sequence[Row], chosen: Row, currency: str) -> dict[str, Any] | None:
    """Draw the effect at each horizon with its interval."""
    unit = minor_units(currency)
    known = [row for row in rows if row["effect"] is not None]
    known.sort(key=lambda row: row["horizon_days"] or 10_000)
    if not known:
        return None
    table = pa.table(
        {
            "label": [words.horizon(row["horizon_days"]) for row in known],
            "effect": [row["effect"] / unit for row in known],
            "low": [_over(row["effect_low"], unit) for row in known],
            "high": [_over(row["effect_high"], unit) for row in known],
            "settled": [row["verdict"] not in ("early", "unknown") for row in known],
        }
    )
    return effect_intervals(
        table,
        names=(_("Earned per customer"), _("nothing"), _("its cost")),
        cost=_over(chosen["unit_cost"], unit),
        words=writer(currency),
    )


def _curve(days: Sequence[Row], currency: str) -> dict[str, Any] | None:
    """Draw the effect as it grows; in progress, without a verdict."""
    unit = minor_units(currency)
    if len(days) < 2:
        return None
    names = ("effect", "effect_low", "effect_high")
    columns = {name: [_over(row[name], unit) for row in days] for name in names}
    table = pa.table({"day_no": [row["day_no"] for row in days], **columns})
    named = (_("Days since eligibility"), _("Earned per customer until then"))
    return effect_curve(table, names=named, words=writer(currency))


def _over(value: float | None, unit: int) -> float | None:
    return None if value is None else value / unit


def _compared(parts: Sequence[Row], row: Row) -> Table:
    say = writer()
    columns = [Column(_("Compared group")), Column(_("Customers whose days are over"), number=True)]
    columns += [Column(_("Of these reached"), number=True)]
    mine = _treated_first(part for part in parts if part["horizon_days"] == row["horizon_days"])
    rows: list[list[str | Cell]] = [
        [
            words.arm(part["arm"]),
            say.number(part["units"]),
            "–" if part["arm"] == CONTROL else say.number(part["reached"]),
        ]
        for part in mine
    ]
    return Table(_("Who is compared"), columns, rows)


def ratio(row: Row) -> dict[str, Any]:
    """Say whether the groups have their sizes."""
    p = row["sample_ratio_p"]
    mood, word = ("good", _("Sizes are right")) if p >= 0.001 else ("serious", _("Sizes are wrong"))
    text = (
        _("The groups are as large as chance was to make them: the comparison is fair.")
        if p >= 0.001
        else _("Customers were lost on the way: no comparison of these groups is fair.")
    )
    return {"mood": mood, "word": word, "text": text, "explain": explained.ratio(p)}


def known(row: Row, currency: str) -> dict[str, Any] | None:
    """Say what use it was to know customers before."""
    removed = row["variance_removed"]
    if removed is None:
        return None
    say = writer()
    share = {"share": say.percent(removed, 0 if removed >= 0.1 else 2)}
    if removed < LEAST_USEFUL:
        text = _(
            "Value foretold and past margin were of no use here: they explain %(share)s of how "
            "customers differ. Nothing was gained by them."
        )
    else:
        text = _(
            "Value foretold and past margin explain %(share)s of how customers differ: as good as "
            "%(more)s more customers."
        )
        share["more"] = say.percent(1 / (1 - min(removed, 0.99)) - 1)
    plain, error, adjusted = words.amounts(row, ("plain_effect", "plain_error", "effect"), currency)
    beside = _(
        "Plain difference of means: %(plain)s (standard error %(error)s); adjusted: %(adjusted)s "
        "(%(adjusted_error)s)."
    ) % {
        "plain": plain,
        "error": error,
        "adjusted": adjusted,
        "adjusted_error": words.amount(row["error"], currency),
    }
    return {"text": text % share, "beside": beside, "explain": explained.removed()}


def _treated_first(parts: Iterable[Row]) -> list[Row]:
    return sorted(parts, key=lambda part: (part["arm"] == CONTROL, part["arm"]))


def _parts(parts: Sequence[Row], days: int, currency: str) -> Table:
    """Say what a customer's margin is made of, group by group."""
    mine = _treated_first(part for part in parts if part["horizon_days"] == days and part["units"])
    columns = [Column(_("A customer on average"))]
    columns += [Column(words.arm(part["arm"]), number=True) for part in mine]
    named = {
        "sales": _("Margin on orders"),
        "contracts": _("Margin on contracts"),
        "returned": _("Returns"),
        "discount": _("Discounts and rewards of actions"),
        "service": _("Cost of contacts"),
        "outcome": _("Margin earned"),
    }
    minus = {"discount", "service"}
    rows: list[list[str | Cell]] = []
    for name, label in named.items():
        values = [(-part[name] if name in minus else part[name]) / part["units"] for part in mine]
        values = [value if abs(value) >= 0.5 else 0.0 for value in values]
        if name == "outcome" or any(abs(value) > 1e-6 for value in values):
            rows.append([label, *(words.amount(value, currency) for value in values)])
    return Table(_("What the margin is made of"), columns, rows)


def _contaminated(found: One, currency: str) -> str:
    """Say what customers change who were merged from two groups."""
    row, counts = found.finding.row, found.finding.counts
    if row is None or counts is None or not counts["contaminated"]:
        return ""
    shown = {"n": writer().number(counts["contaminated"])}
    shown["with"] = words.amount(row["effect"], currency)
    shown["without"] = words.amount(row["effect_uncontaminated"], currency)
    text = _(
        "%(n)s customers turned out to be in both groups, by a merge. With them the effect on a "
        "customer is %(with)s, without them %(without)s."
    )
    return text % shown


def _arms(rows: Sequence[Row], days: int, currency: str) -> Table | None:
    """Compare variants, where there are several."""
    mine = [row for row in rows if row["horizon_days"] == days]
    if len(mine) < 2:
        return None
    columns = [Column(_("Compared")), Column(_("Verdict"))]
    columns += [Column(_("Earned per customer"), number=True), Column(_("Interval"), number=True)]
    names = words.verdicts()
    return Table(
        _("Variants"),
        columns,
        [
            [
                words.against(row),
                Cell(names[row["verdict"]], mood=words.MOODS[row["verdict"]])
                if row["against"] == CONTROL
                else _better(row),
                words.amount(row["effect"], currency),
                words.ends(row, "effect", currency),
            ]
            for row in mine
        ],
    )


def _better(row: Row) -> Cell:
    if row["effect_low"] is None or row["effect_low"] <= 0 <= row["effect_high"]:
        return Cell(_("Not yet known"), mood="unknown")
    best = row["arm"] if row["effect_low"] > 0 else row["against"]
    return Cell(_("%(arm)s is better") % {"arm": words.arm(best)}, mood="info")


def _projection(found: One, currency: str) -> dict[str, str] | None:
    row = found.projection
    if row is None:
        return None
    shown = {"n": writer().number(row["holdouts"]), "days": words.horizon(row["horizon_days"])}
    if row["projected"] is None:
        text = _(
            "What it may come to in a year is not told: it takes three completed holdouts of this "
            "kind of action, and there are %(n)s."
        )
        return {"text": text % shown}
    shown |= {"amount": words.amount(row["projected"], currency)}
    shown |= {"range": words.between(row, "projected", currency)}
    shown |= {"factor": writer().number(row["factor"], 2)}
    text = _(
        "If it goes the way of %(n)s completed holdouts of this kind, whose effect grew to "
        "%(factor)s times that of %(days)s, it comes to %(amount)s a customer in a year "
        "(%(range)s). This is a projection and no result."
    )
    return {"text": text % shown}


def _claim(found: One) -> dict[str, Any] | None:
    if found.claim is None or found.finding.verdict not in CLAIMS:
        return None
    return {"cell": stood(found.claim), "explain": explained.stands()}


def _decided(decision: Any, currency: str) -> dict[str, Any]:
    said = decision.said
    shown = {"verdict": words.verdicts().get(said.get("verdict", ""), "")}
    if said.get("total") is not None:
        shown["total"] = words.amount(said["total"], currency)
        shown["range"] = words.between(said, "total", currency)
    return {
        "what": decision.get_verb_display(),
        "reason": decision.reason,
        "person": decision.person,
        "at": decision.at,
        "said": shown,
    }
