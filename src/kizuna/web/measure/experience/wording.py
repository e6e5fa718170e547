"""What experience is worth in words: how it is known, how sure it is, and what is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
from django.urls import reverse
from django.utils.translation import gettext as _

from kizuna.charts.score_margin import score_margin
from kizuna.pipeline.parameters import minor_units
from kizuna.web.measure.experience import explained
from kizuna.web.measure.experience.queries import Row, Score, Worth
from kizuna.web.measure.results.words import amount, amounts, between, ends
from kizuna.web.ui.components import Cell, Column, Table
from kizuna.web.ui.templatetags.ui import writer

if TYPE_CHECKING:
    from kizuna.web.measure.experience.forms import CalculatorForm

LEAST = 200


def names() -> dict[str, str]:
    """Name the scores."""
    return {"effort": _("Effort"), "health": _("Health"), "nps": _("Likelihood to recommend (NPS)")}


def betters() -> dict[str, str]:
    """Say what a point better means."""
    return {
        "effort": _("Effort: a point less"),
        "health": _("Health: a point more"),
        "nps": _("Likelihood to recommend (0 to 10): a point more"),
    }


def badge(row: Row | None) -> Cell:
    """Say by which evidence a worth is known."""
    if row is None:
        return Cell(_("Not yet known"), mood="unknown")
    if row["evidence"] == "experiment":
        return Cell(_("By experiment"), mood="good")
    return Cell(_("Association only: not proof"), mood="caution")


def page(found: Worth, form: CalculatorForm) -> dict[str, Any]:
    """Give what the page shows."""
    return {
        "found": found,
        "table": _table(found),
        "scores": [_card(score, found) for score in found.scores],
        "form": form,
        "answer": _answer(found, form),
    }


def _table(found: Worth) -> Table:
    heads = [Column(_("A point better")), Column(_("How this is known"))]
    heads += [Column(_("Worth per customer and year"), number=True)]
    heads += [Column(_("90% interval"), number=True), Column(_("Customers"), number=True)]
    return Table(_("What a point is worth"), heads, [_line(s, found) for s in found.scores])


def _line(score: Score, found: Worth) -> list[Any]:
    row, currency = score.told, found.state.currency
    name = Cell(betters()[score.name], f"#{score.name}")
    if row is None:
        return [name, badge(row), "–", "–", writer().number(score.association["customers"])]
    money = amount(row["per_year"], currency), ends(row, "per_year", currency)
    return [name, badge(row), *money, writer().number(row["customers"])]


def _card(score: Score, found: Worth) -> dict[str, Any]:
    currency, row = found.state.currency, score.association
    return {
        "id": score.name,
        "chart": f"margin-by-{score.name}",
        "title": betters()[score.name],
        "caveat": _caveat(score.name),
        "proof": _proof(score.proof, found) if score.proof else None,
        "unproven": _unproven(score),
        "tried": _tried(score, found) if score.experiments else None,
        "tie": _tie(row, currency) if row["state"] == "known" else None,
        "missing": _missing(score),
        "picture": _picture(score, currency),
    }


def _proof(row: Row, found: Worth) -> dict[str, Any]:
    """Say what an experiment brought for each point."""
    currency, say = found.state.currency, writer()
    text = _(
        "“%(name)s” made this score better by %(moved)s points and margin by %(earned)s per "
        "customer in %(days)s days. If it did so by way of this score alone, a point is worth this."
    )
    shown = {"name": found.names[row["experiment_id"]], "moved": say.number(row["moved"], 1)}
    shown |= {"earned": amount(row["earned"], currency), "days": say.number(row["horizon_days"])}
    return {
        "badge": badge(row),
        "value": amount(row["per_year"], currency),
        "interval": between(row, "per_year", currency),
        "note": _of_days(row),
        "explain": explained.by_experiment(row),
        "text": text % shown,
    }


def _unproven(score: Score) -> str:
    """Say why no experiment tells it."""
    if score.proof:
        return ""
    if not score.experiments:
        return _(
            "No action has moved it yet: none whose days are over is known to have. Hold out some "
            "customers of an action that is meant to make it better, for 90 days at least."
        )
    return _("No action has moved it clearly yet, so nothing is proved.")


def _tied(row: Row, currency: str) -> str:
    bare = amount(row["unadjusted"] * 365 / row["horizon_days"], currency)
    text = _("With nothing else looked at, it would seem to be %(bare)s.")
    return text % {"bare": bare}


def _tie(row: Row, currency: str) -> dict[str, Any]:
    """Say what goes with a point."""
    return {
        "badge": badge(row),
        "value": amount(row["per_year"], currency),
        "interval": between(row, "per_year", currency),
        "note": _of_days(row),
        "explain": explained.association(row),
        "text": _tied(row, currency),
        "unclear": row["per_year_low"] <= 0 <= row["per_year_high"],
    }


def _of_days(row: Row) -> str:
    say = writer()
    shown = {"n": say.number(row["customers"]), "days": say.number(row["horizon_days"])}
    if row["horizon_days"] == 365:
        return _("%(n)s customers, margin of %(days)s days") % shown
    return _("%(n)s customers, margin of %(days)s days, times 365 ÷ %(days)s") % shown


def _missing(score: Score) -> str:
    if score.association["state"] == "known":
        return ""
    needs = {
        "effort": _("Import contacts with your service: effort is told from them."),
        "health": _("Health is told of past months once there is history enough to learn from."),
        "nps": _("Ask customers how likely they are to recommend you."),
    }
    text = _(
        "Needs %(least)s customers whose score was known and differed at an end of a month that "
        "lies 90 days back; there are %(n)s."
    )
    say = writer()
    shown = {"least": say.number(LEAST), "n": say.number(score.association["customers"])}
    return _("%(text)s %(needs)s") % {"text": text % shown, "needs": needs[score.name]}


def _caveat(name: str) -> str:
    if name == "health":
        return _(
            "Health is told from what customers buy and use, among others, so that it goes with "
            "later margin by its making. That is a forecast, and no worth of caring for health."
        )
    if name == "nps":
        return _("Of customers who answered; those who are silent may be different.")
    return _("Of customers who were in contact; who never asks has no effort.")


def _states() -> dict[str, Cell]:
    return {
        "known": Cell(_("Moved clearly"), mood="good"),
        "still": Cell(_("Not moved clearly"), mood="unknown"),
        "few": Cell(_("Too few scores known"), mood="unknown"),
        "uneven": Cell(_("Known more often in one group: not comparable"), mood="serious"),
    }


def _tried(score: Score, found: Worth) -> Table:
    heads = [Column(_("Customer action")), Column(_("Days counted"), number=True)]
    heads += [Column(_("Did the score move?"))]
    heads += [Column(_("Points better"), number=True), Column(_("90% interval"), number=True)]
    heads += [Column(_("Treated"), number=True), Column(_("Held out"), number=True)]
    heads += [Column(_("A point, per customer and year"), number=True)]
    rows = [_trial(row, found) for row in score.experiments]
    caption = _("%(score)s: actions that could have moved it") % {"score": names()[score.name]}
    return Table(caption, heads, rows)


def _trial(row: Row, found: Worth) -> list[Any]:
    say, currency, key = writer(), found.state.currency, row["experiment_id"]
    known = row["moved"] is not None
    low, high = (say.number(row[f"moved_{end}"], 1) if known else "" for end in ("low", "high"))
    return [
        Cell(found.names[key], reverse("results:one", args=[key])),
        say.number(row["horizon_days"]),
        _states()[row["state"]],
        say.number(row["moved"], 1) if known else "–",
        f"{low} – {high}" if known else "–",
        say.number(row["treated"]),
        say.number(row["control"]),
        amount(row["per_year"], currency) if row["per_year"] is not None else "–",
    ]


def _picture(score: Score, currency: str) -> dict[str, Any] | None:
    unit = minor_units(currency)
    if len(score.bins) < 2:
        return None
    money = ("margin", "margin_low", "margin_high")
    columns = {name: [row[name] / unit for row in score.bins] for name in money}
    table = pa.table({"score": [row["mean_score"] for row in score.bins], **columns})
    days = writer().number(score.bins[0]["horizon_days"])
    title = _("margin of the %(days)s days after, all else alike") % {"days": days}
    names_ = (names()[score.name], title)
    return score_margin(table, names=names_, words=writer(currency))


def _answer(found: Worth, form: CalculatorForm) -> dict[str, Any] | None:
    """Reckon: points × customers × worth of a point; with its condition beside it."""
    if not form.is_valid():
        return None
    asked = form.cleaned_data
    score = next(one for one in found.scores if one.name == asked["score"])
    row = score.told
    if row is None:
        return {"badge": badge(None), "text": _("Nothing is known yet of what this is worth.")}
    times = asked["points"] * asked["customers"]
    ends_ = ("per_year", "per_year_low", "per_year_high")
    worth = {name: row[name] * times for name in ends_}
    value, low, high = amounts(worth, ends_, found.state.currency)
    say = writer()
    shown = {"points": say.number(asked["points"], 0 if asked["points"] % 1 == 0 else 1)}
    shown |= {"customers": say.number(asked["customers"]), "value": value, "low": low, "high": high}
    return {"badge": badge(row), "text": _sentence(score.name, row) % shown}


def _sentence(name: str, row: Row) -> str:
    if row["evidence"] == "experiment":
        texts = {
            "effort": _(
                "%(points)s points less effort for %(customers)s customers would be worth "
                "%(value)s a year (between %(low)s and %(high)s), if others work as this one."
            ),
            "health": _(
                "%(points)s points more health for %(customers)s customers would be worth "
                "%(value)s a year (between %(low)s and %(high)s), if others work as this one."
            ),
            "nps": _(
                "%(points)s points more likely to recommend, for %(customers)s customers, would be "
                "worth %(value)s a year (between %(low)s and %(high)s), if others work as "
                "this one."
            ),
        }
        return texts[name]
    texts = {
        "effort": _(
            "%(points)s points less effort for %(customers)s customers would be worth %(value)s a "
            "year (between %(low)s and %(high)s) if the relation is causal. That is not shown."
        ),
        "health": _(
            "%(points)s points more health for %(customers)s customers would be worth %(value)s a "
            "year (between %(low)s and %(high)s) if the relation is causal. That is not shown."
        ),
        "nps": _(
            "%(points)s points more likely to recommend, for %(customers)s customers, would be "
            "worth %(value)s a year (between %(low)s and %(high)s) if the relation is causal. "
            "That is not shown."
        ),
    }
    return texts[name]
