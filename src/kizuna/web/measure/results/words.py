"""What may be said of an action, in words and money: the same on every page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kizuna.experiments.assignment import CONTROL
from kizuna.pipeline.parameters import minor_units
from kizuna.web.act.actions.models import Kind, State
from kizuna.web.measure.results.queries import ALL, TO_DATE, Finding, Row
from kizuna.web.ui.templatetags.ui import writer

MOODS = {
    "earns": "good",
    "harms": "serious",
    "useless": "caution",
    "unknown": "unknown",
    "early": "unknown",
    "mismatch": "serious",
}
OUT_OF_REACH = 100
"""How many times the customers compared so far no action will ever reach."""
WEEKS_IN_SIGHT = 260
"""A wait of more weeks than that is no answer."""


def verdicts() -> dict[str, str]:
    """Name the verdicts."""
    return {
        "earns": _("Earns"),
        "harms": _("Harms"),
        "useless": _("Does nothing worth its cost"),
        "unknown": _("Not yet known"),
        "early": _("In progress"),
        "mismatch": _("Cannot be judged"),
    }


def advice(found: Finding) -> str:
    """Say what to do now, where an action goes on by a verdict."""
    if found.action is None or found.action.state == State.CONCLUDED:
        return ""
    return {
        "earns": _("Go on with it, and offer it to more customers."),
        "harms": _("Stop it now; then look at what customers got."),
        "useless": _("Stop it, or change what customers get and begin a new action."),
        "unknown": _("Go on until enough is known; hold out more to know it sooner."),
        "early": _("Wait; nothing has to be decided now."),
        "mismatch": _("Stop it and find out where customers were lost."),
    }[found.verdict]


def kind(value: str) -> str:
    """Name a kind of action."""
    return str(Kind(value).label) if value in Kind.values else value


def sentence(found: Finding, currency: str) -> str:
    """Say in one sentence what came of an action."""
    row = found.row
    if row is None:
        return _("No customers were placed up to the last day of the figures.")
    if row["verdict"] == "early":
        return _early(found)
    if row["verdict"] == "mismatch":
        return mismatch(row)
    worth = found.about["worth"] if found.about else None
    return said(row | {"worth": worth, "is_over": _is_over(found)}, currency)


def _is_over(found: Finding) -> bool:
    return found.action is not None and found.action.state == State.CONCLUDED


def said(row: Row, currency: str) -> str:
    """Say a verdict that rests on an interval."""
    if row["verdict"] == "unknown":
        return _unknown(row, currency)
    if row["verdict"] == "useless":
        return _useless(row, currency)
    money = amounts(row, ("total", "total_low", "total_high"), currency)
    if row["verdict"] == "harms":
        lost = {"total": -row["total"], "low": -row["total_high"], "high": -row["total_low"]}
        shown = amounts(lost, ("total", "low", "high"), currency)
        text = _(
            "Customers brought in %(total)s less than doing nothing would have (between %(low)s "
            "and %(high)s). %(advice)s"
        )
        ended = row.get("is_over")
        advice = _("It has ended: do not begin it again.") if ended else _("Stop it.")
        return text % dict(zip(("total", "low", "high"), shown, strict=True), advice=advice)
    shown_of = dict(zip(("total", "low", "high"), money, strict=True))
    cost = (row["unit_cost"] or 0.0) * row["treated"]
    if not cost:
        text = _(
            "Earned %(total)s more than doing nothing would have (between %(low)s and %(high)s); "
            "no cost is recorded."
        )
        return text % shown_of
    shown_of["cost"] = amount(cost, currency)
    text = _(
        "Earned %(total)s more than doing nothing would have (between %(low)s and %(high)s), cost "
        "%(cost)s."
    )
    return text % shown_of


def _unknown(row: Row, currency: str) -> str:
    """Say how far it may have earned or lost, and what it takes to know."""
    money = amounts(row, ("total", "total_low", "total_high"), currency)
    text = _(
        "So far %(total)s, and the truth may be anything between %(low)s and %(high)s: it may "
        "have earned or lost. %(more)s"
    )
    shown = dict(zip(("total", "low", "high"), money, strict=True))
    return text % (shown | {"more": missing(row)})


def missing(row: Row) -> str:
    """Say what it takes to know."""
    if row["more_units"] is None:
        return _("The figures cannot tell yet whether it earns or harms.")
    say, more, weeks = writer(), row["more_units"], row["more_weeks"]
    if more == 0:
        return _("It is on the edge: the next customers will tell.")
    shown = {"n": say.number(rough(more))}
    if row.get("is_over"):
        text = _(
            "It has ended, so it stays open: about %(n)s more customers would have been needed. "
            "Next time hold out more, reach more customers, or set a larger effect as worth "
            "knowing."
        )
        return text % shown
    if more > OUT_OF_REACH * (row["treated"] + row["control"]):
        text = _(
            "Needs about %(n)s more customers, which is out of reach. Set a larger effect as worth "
            "knowing, or hold out more."
        )
        return text % shown
    if weeks is None:
        text = _("Needs about %(n)s more customers; nobody was added in the last four weeks.")
        return text % shown
    if weeks > WEEKS_IN_SIGHT:
        text = _(
            "Needs about %(n)s more customers: at the present pace that is years away. Hold out "
            "more, or reach more customers."
        )
        return text % shown
    count = max(round(weeks), 1)
    text = ngettext(
        "Needs about %(n)s more customers, about %(weeks)s week at the present pace.",
        "Needs about %(n)s more customers, about %(weeks)s weeks at the present pace.",
        count,
    )
    return text % (shown | {"weeks": say.number(count)})


def horizon(days: int) -> str:
    """Name a horizon."""
    if days == TO_DATE:
        return _("To date")
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": writer().number(days)}


def arm(name: str) -> str:
    """Name an arm."""
    names = {CONTROL: _("Held out by chance"), "treated": _("Treated"), ALL: _("All treated")}
    return names.get(name, name)


def against(row: Row) -> str:
    """Name what is compared."""
    return _("%(arm)s against %(other)s") % {"arm": arm(row["arm"]), "other": arm(row["against"])}


def amount(value: float | None, currency: str) -> str:
    """Write an amount of the tables."""
    return writer(currency).money(None if value is None else value / minor_units(currency))


def amounts(row: dict[str, Any], names: tuple[str, ...], currency: str) -> list[str]:
    """Write amounts that stand side by side alike."""
    say, unit = writer(currency), minor_units(currency)
    values = [None if row[name] is None else row[name] / unit for name in names]
    like = max((abs(value) for value in values if value is not None), default=0.0)
    return [say.money(value, like=like) for value in values]


def ends(row: Row, name: str, currency: str) -> str:
    """Write the ends of an interval as briefly as a table needs."""
    if row.get(f"{name}_low") is None:
        return "–"
    return " – ".join(amounts(row, (f"{name}_low", f"{name}_high"), currency))


def between(row: Row, name: str, currency: str) -> str:
    """Write the ends of an interval, with how sure it is."""
    if row.get(f"{name}_low") is None:
        return ""
    low, high = amounts(row, (f"{name}_low", f"{name}_high"), currency)
    return _("between %(low)s and %(high)s") % {"low": low, "high": high}


def sure(row: Row) -> str:
    """Say how an interval is meant."""
    if row.get("level") is None:
        return ""
    shown = {"level": writer().percent(row["level"])}
    if row["level"] > 0.9:
        return _("holds the truth in %(level)s of such cases, however often one looks") % shown
    return _("holds the truth in %(level)s of such cases") % shown


def _useless(row: Row, currency: str) -> str:
    low, high = amounts(row, ("effect_low", "effect_high"), currency)
    shown = {"low": low, "high": high, "cost": amount(row["unit_cost"] or 0.0, currency)}
    if row["effect_low"] > 0:
        text = _(
            "Earns less than it costs: between %(low)s and %(high)s a customer, at a cost of "
            "%(cost)s."
        )
        return text % shown
    if not row["unit_cost"] or row["effect_high"] > row["unit_cost"]:
        text = _(
            "A customer brought in between %(low)s and %(high)s more, at a cost of %(cost)s: even "
            "at best less than the %(worth)s set as worth knowing."
        )
        return text % (shown | {"worth": amount(row.get("worth"), currency)})
    text = _(
        "A customer brought in between %(low)s and %(high)s more: even at best less than its cost "
        "of %(cost)s."
    )
    return text % shown


def _early(found: Finding) -> str:
    """Say why nothing can be said yet, and when it can."""
    row, about, counts = found.row, found.about, found.counts
    assert row is not None
    if row["more_units"]:
        more = missing(row | {"is_over": _is_over(found)})
        return _("Too few customers are held out to look. %(more)s") % {"more": more}
    if about is None or counts is None:
        return _("Too few customers to compare.")
    days = about["horizon_days"]
    if about["always_on"]:
        due = counts["first_on"] + timedelta(days=min(days, 28))
        shown = {"days": horizon(min(days, 28)), "day": writer().day(due)}
        text = _(
            "The first customers have had their %(days)s on %(day)s; once the figures reach that "
            "day there is something to look at."
        )
        return text % shown
    if about["ended_on"] is None:
        return _("It is read once, when it has ended and the days of the last customer are over.")
    due = about["ended_on"] + timedelta(days=days)
    shown = {"day": writer().day(due)}
    return _("It is read once, when the days of the last customer are over: on %(day)s.") % shown


def mismatch(row: Row) -> str:
    """Say that the groups cannot be compared."""
    shown = {"treated": writer().number(row["treated"]), "control": writer().number(row["control"])}
    return (
        _(
            "The groups are not as large as chance makes them (%(treated)s to %(control)s): "
            "something lost customers of one of them, so any difference may come from that. Find "
            "out what, and begin anew."
        )
        % shown
    )


def rough(count: int) -> int:
    """Round a rough number to two figures: it is no more exact than that."""
    size: int = 10 ** max(len(str(count)) - 2, 0)
    return -(-count // size) * size
