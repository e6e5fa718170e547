"""Rules, what is wrong with them, and why somebody is in or out: in words."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from kizuna.pipeline.parameters import minor_units
from kizuna.pipeline.rules.catalogue import known_facts
from kizuna.pipeline.rules.errors import RuleError
from kizuna.pipeline.rules.evaluation import Verdict
from kizuna.pipeline.rules.terms import (
    Among,
    Arithmetic,
    Between,
    Call,
    Compare,
    Condition,
    Contains,
    Everyone,
    Fact,
    Group,
    Known,
    Not,
    Part,
    Term,
    Today,
    Value,
)
from kizuna.web.know.segments.facts import label, value_names
from kizuna.web.ui.components import Cell, Column, Table
from kizuna.web.ui.templatetags.ui import writer

REASONS = {
    "empty": gettext_noop("The rule is empty."),
    "too_long": gettext_noop("The rule is longer than %(most)s letters; part it into two."),
    "too_many": gettext_noop("The rule has more than %(most)s conditions; part it into two."),
    "syntax": gettext_noop("This cannot be read as a condition."),
    "unclosed": gettext_noop("A quotation mark or a bracket is not closed."),
    "several": gettext_noop("A rule is one condition; nothing may follow it."),
    "not_allowed": gettext_noop("A rule may only compare facts; “%(what)s” is not allowed in it."),
    "unknown_fact": gettext_noop("There is no fact called “%(name)s”."),
    "unknown_function": gettext_noop("There is no function called “%(name)s”."),
    "no_condition": gettext_noop(
        "“%(what)s” is a value, not a condition: compare it with something."
    ),
    "other_kind": gettext_noop(
        "“%(left)s” and “%(right)s” are of different kinds and cannot be compared."
    ),
    "no_arithmetic": gettext_noop(
        "“%(what)s” is no number; only numbers and dates can be reckoned with."
    ),
    "days": gettext_noop("To a date, only a whole number of days up to %(most)s can be added."),
    "no_text": gettext_noop("“%(what)s” is no text; only texts can be searched."),
    "pattern": gettext_noop(
        "Write the text with a percent sign at its beginning, its end, or both, and no other sign."
    ),
    "null": gettext_noop("To ask whether something is known, write IS NULL or IS NOT NULL."),
    "date": gettext_noop("“%(what)s” is no day; write it as 2026-04-01."),
    "number": gettext_noop("“%(what)s” is no number that can be reckoned with."),
    "arguments": gettext_noop("“%(name)s” cannot be used with these values."),
    "builder": gettext_noop("A condition is not filled in."),
}
"""Why a rule cannot be used, by the codes of `pipeline.rules.errors`."""


def problem(error: RuleError) -> str:
    """Say what is wrong with a rule, where, and what was perhaps meant."""
    said = _(REASONS[error.code])
    said = said % error.values if error.values and "%(" in said else said
    where = _("At letter %(start)s:") % {"start": error.start + 1}
    meant = _("Did you mean “%(name)s”?") % {"name": error.suggestion} if error.suggestion else ""
    return " ".join(part for part in (where, said, meant) if part)


def sentence(part: Part) -> str:
    """Say a rule in words."""
    match part:
        case Group(both, parts):
            word = _("and") if both else _("or")
            inner = [_inner(one) for one in parts]
            return f" {word} ".join(inner)
        case Not(Known(term)):
            return _("%(what)s: not known") % {"what": _term(term)}
        case Not(Everyone()):
            return _("nobody")
        case Not(inner):
            return _("not (%(what)s)") % {"what": sentence(inner)}
        case _:
            return condition(part)


def condition(one: Condition) -> str:
    """Say one condition in words."""
    match one:
        case Compare(left, "=", Value(True)):
            return _("%(what)s: yes") % {"what": _term(left)}
        case Compare(left, "=", Value(False)):
            return _("%(what)s: no") % {"what": _term(left)}
        case Compare(left, operator, right):
            return f"{_term(left)} {SIGNS[operator]} {_named(left, right)}"
        case Between(term, low, high):
            said = {"what": _term(term), "low": _term(low), "high": _term(high)}
            return _("%(what)s: from %(low)s to %(high)s") % said
        case Among(term, values):
            listed = _(", ").join(_named(term, value) for value in values)
            return _("%(what)s: one of %(values)s") % {"what": _term(term), "values": listed}
        case Contains(term, text):
            return _("%(what)s: contains “%(text)s”") % {"what": _term(term), "text": text}
        case Known(term):
            return _("%(what)s: known") % {"what": _term(term)}
        case Everyone():
            return _("everyone")


SIGNS = {"=": "=", "<>": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}


def _inner(part: Part) -> str:
    said = sentence(part)
    return f"({said})" if isinstance(part, Group) else said


def _term(term: Term) -> str:
    match term:
        case Fact(name):
            return label(name)
        case Today():
            return _("today")
        case Value(value):
            return _value(value)
        case Arithmetic(operator, left, right):
            return f"{_term(left)} {operator} {_term(right)}"
        case Call(name, arguments):
            return f"{name}({_(', ').join(map(_term, arguments))})"


def _named(fact: Term, value: Term) -> str:
    """Say a value by the name that people know it by, where it is a key."""
    match fact, value:
        case Fact(name), Value(str(key)) if said := value_names(name).get(key):
            return f"“{said}”"
    return _term(value)


def _value(value: Any) -> str:
    say = writer()
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, date):
        return say.day(value)
    if isinstance(value, str):
        return f"“{value}”"
    return say.number(value, 0 if value == int(value) else 2)


def verdict(found: Verdict, currency: str) -> Table:
    """Set out each condition: what it says, what the customer's values are, whether it holds."""
    words = {True: (_("holds"), "good"), False: (_("does not hold"), "serious")}
    rows: list[list[Any]] = []
    for one in found.judged:
        word, mood = (_("no data"), "unknown") if one.holds is None else words[one.holds]
        values = _("; ").join(
            f"{label(name)}: {_known(name, value, currency)}" for name, value in one.values.items()
        )
        rows.append([condition(one.condition), values or "–", Cell(word, mood=mood)])
    heads = [Column(_("Condition")), Column(_("This customer")), Column(_("Result"))]
    return Table(_("Each condition"), heads, rows)


def _known(name: str, value: Any, currency: str) -> str:
    if value is None:
        return _("no data")
    fact = known_facts().get(name)
    if called := value_names(name).get(str(value)):
        return f"“{called}”"
    if fact is not None and fact.money:
        return writer(currency).money(value / minor_units(currency))
    return _value(value)


def impossible(texts: tuple[str, ...]) -> str:
    """Name conditions that cannot hold together."""
    listed = _("; ").join(texts)
    return _("No customer can meet these together: %(conditions)s") % {"conditions": listed}
