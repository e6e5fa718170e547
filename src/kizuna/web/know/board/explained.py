"""How each number is computed, in the words of the definitions of the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from kizuna.report.blocks import Fact
from kizuna.report.material import Material
from kizuna.report.sections.definitions import (
    ACCURACY,
    ACQUISITION,
    CHANGE,
    REPURCHASE,
    TERMS,
)
from kizuna.web.know.board.cells import facts as urls
from kizuna.web.ui.components import Explain, Text

BY_NAME = {term[0]: term for term in (*TERMS, *ACQUISITION.values())}
PARTS = {
    "changes": CHANGE,
    "segments": BY_NAME["Segment (RFM)"],
    "ltv": BY_NAME["Value so far"],
    "retention": BY_NAME["Retention"],
    "repurchase": REPURCHASE,
    "accuracy": ACCURACY,
    "back-test": BY_NAME["RMSE, MAE, bias"],
}
"""Definition of what a part of the board shows."""

TESTED = frozenset({"changes", "segments", "concentration", "acquisition"})
"""Parts whose numbers rest on the model, and so on its back-test."""


@dataclass(frozen=True, slots=True)
class Stat:
    """A number with its name, what makes it readable, and how it is computed."""

    label: Text
    value: Text
    note: Text = ""
    explain: Explain | None = None
    url: str = ""
    interval: Text = ""


def explained(m: Material, term: Sequence[str], *, back_test: str = "") -> Explain:
    """Give a definition as the component shows it."""
    _name, what, formula, rows, sure = map(m.say, term)
    return Explain(what, formula, rows, sure, back_test, as_of=m.day("as_of"))


def stats(m: Material, facts: Sequence[Fact], *, back_test: str = "") -> list[Stat]:
    """Give facts with their definitions; what is merely counted says so."""
    known = {m.say(name): term for name, term in BY_NAME.items()}
    counted = {
        m.say("Customers"): _("Customers with at least one order, up to that day."),
        m.say("Orders"): _("Orders with an amount of 0 or more; a return is not an order."),
    }
    ways = urls(m)
    return [
        Stat(
            fact.name,
            fact.value,
            fact.remark,
            _explain(m, fact, known, counted, back_test),
            ways.get(fact.name, ""),
        )
        for fact in facts
    ]


def _explain(
    m: Material,
    fact: Fact,
    known: dict[str, tuple[str, ...]],
    counted: dict[str, str],
    back_test: str,
) -> Explain | None:
    if fact.name in counted:
        sure = m.say("Counted, not estimated.")
        return Explain(counted[fact.name], interval=sure, as_of=m.day("as_of"))
    if fact.name == m.say("Mean value to come"):
        formula = m.say("customer equity ÷ customers")
        about = explained(m, BY_NAME["Value to come (residual CLV)"], back_test=back_test)
        return Explain(about.definition, formula, about.rows, about.interval, as_of=about.as_of)
    term = known.get(fact.name)
    return None if term is None else explained(m, term, back_test=back_test)
