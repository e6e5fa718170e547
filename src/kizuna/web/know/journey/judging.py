"""How a number of the map is written and marked: a word with every colour, grey without data."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from kizuna.web.know.journey.names import Row
from kizuna.web.know.journey.queries import ALL
from kizuna.web.ui.templatetags.ui import minor_money, writer

NO_DATA = "–"
HARD, SOME = 50, 20
SATISFIED, MIXED = 75, 50
ANSWERS, DAYS, APART = 5, 10, 0.05
"""From how many answers and days on a number is marked, and from how far from the usual."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A mood and its word."""

    mood: str
    word: str


def text(row: Row, measure: str, currency: str) -> str:
    """Write the number; a dash where nothing is known."""
    say, value = writer(), row[measure]
    if measure == "value" and value is None and row["mrr"] is not None:
        return _("%(amount)s a month") % {"amount": minor_money(row["mrr"], currency)}
    if not row["recorded"] or value is None:
        return NO_DATA
    if measure == "customers":
        return str(say.number(value))
    if measure == "drop_off":
        return str(say.percent(value))
    if measure == "value":
        return minor_money(value, currency)
    return str(say.number(value))


def mark(row: Row, measure: str) -> Mark | None:
    """Say whether a number is good; None where there is nothing to say."""
    if not row["recorded"]:
        return Mark("unknown", _("never recorded"))
    if measure == "customers":
        return _unused(row)
    if row[measure] is None:
        return None
    return {"effort": _effort, "satisfaction": _satisfaction, "drop_off": _drop_off}.get(
        measure, _nothing
    )(row)


def note(row: Row, measure: str) -> str:
    """Say what a number rests on."""
    say = writer()
    if measure == "customers":
        told = {"of": say.number(row["members"]), "touches": say.number(row["touches"])}
        return _("of %(of)s; %(touches)s touches") % told
    if measure == "effort":
        return _("%(issues)s issues") % {"issues": say.number(row["issues"])}
    if measure == "satisfaction":
        return _("%(answers)s answers") % {"answers": say.number(row["csat_answers"])}
    if measure == "drop_off" and row["drop_off"] is not None:
        bounds = {
            "low": say.percent(row["drop_off_low"]),
            "high": say.percent(row["drop_off_high"]),
            "usual": say.percent(row["drop_off_usual"]),
        }
        return _("90%% interval: %(low)s to %(high)s; all stages: %(usual)s") % bounds
    return ""


def legend(measure: str) -> list[Mark]:
    """Give the marks that a measure may have."""
    known = {
        "customers": [Mark("caution", _("meant for them, nobody came"))],
        "effort": [Mark("good", _("easy")), Mark("caution", _("some")), Mark("serious", _("hard"))],
        "satisfaction": [
            Mark("good", _("satisfied")),
            Mark("caution", _("mixed")),
            Mark("serious", _("unsatisfied")),
            Mark("unknown", _("few answers")),
        ],
        "drop_off": [
            Mark("good", _("less than usual")),
            Mark("serious", _("more than usual")),
            Mark("unknown", _("few days")),
        ],
    }
    return [*known.get(measure, []), Mark("unknown", _("never recorded"))]


def _unused(row: Row) -> Mark | None:
    unused = row["planned"] and row["stage"] != ALL and not row["customers"]
    return Mark("caution", _("nobody came")) if unused else None


def _effort(row: Row) -> Mark:
    if row["effort"] >= HARD:
        return Mark("serious", _("hard"))
    return Mark("caution", _("some")) if row["effort"] >= SOME else Mark("good", _("easy"))


def _satisfaction(row: Row) -> Mark:
    if row["csat_answers"] < ANSWERS:
        return Mark("unknown", _("few answers"))
    if row["satisfaction"] >= SATISFIED:
        return Mark("good", _("satisfied"))
    if row["satisfaction"] >= MIXED:
        return Mark("caution", _("mixed"))
    return Mark("serious", _("unsatisfied"))


def _drop_off(row: Row) -> Mark | None:
    if row["looked_at"] < DAYS:
        return Mark("unknown", _("few days"))
    if row["stage"] == ALL:
        return None
    apart = row["drop_off"] - row["drop_off_usual"]
    if row["drop_off_low"] > row["drop_off_usual"] and apart >= APART:
        return Mark("serious", _("more than usual"))
    if row["drop_off_high"] < row["drop_off_usual"] and apart <= -APART:
        return Mark("good", _("less than usual"))
    return None


def _nothing(_row: Row) -> None:
    return None
