"""From text to a rule: sqlglot parses, and a whitelist decides what may be in it."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from datetime import date
from math import isfinite

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

from kizuna.pipeline.rules import writing
from kizuna.pipeline.rules.errors import RuleError
from kizuna.pipeline.rules.terms import (
    Among,
    Arithmetic,
    Between,
    Call,
    Compare,
    Contains,
    Everyone,
    Fact,
    Facts,
    Group,
    Kind,
    Known,
    Not,
    Part,
    Rule,
    Term,
    Today,
    Value,
    conditions,
)

LONGEST = 4_000
MOST_CONDITIONS = 100
MOST_DEEP = 40
MOST_DAYS = 36_500
TODAY = "today"

COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
FLIPPED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
ARITHMETIC: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}
WORDS_OF_SQL = (exp.Case, exp.Cast, exp.Exists)
"""What sqlglot holds to be functions and people do not."""
FUNCTIONS = ("abs", "coalesce", "greatest", "least", "round", "lower")
CALLS: dict[type[exp.Expr], str] = {
    exp.Abs: "abs",
    exp.Coalesce: "coalesce",
    exp.Greatest: "greatest",
    exp.Least: "least",
    exp.Round: "round",
    exp.Lower: "lower",
}


def read(text: str, facts: Facts) -> Rule:
    """Read a rule.

    Raises
    ------
    RuleError
        With position, reason and what was perhaps meant, for whatever is not a condition on facts.

    """
    if not text.strip():
        raise RuleError("empty")
    if len(text) > LONGEST:
        raise RuleError("too_long", LONGEST, most=LONGEST)
    part = _Reader(facts, text).part(_parsed(text))
    if sum(1 for _condition in conditions(part)) > MOST_CONDITIONS:
        raise RuleError("too_many", most=MOST_CONDITIONS)
    return rule_of(part)


def read_term(text: str, facts: Facts) -> Term:
    """Read a value made of facts, such as `today - last_purchase`; raises like `read`."""
    return _Reader(facts, text).term(_parsed(text))


def rule_of(part: Part) -> Rule:
    """Give the rule of a part, with its canonical text."""
    return Rule(part, writing.text(part))


def _parsed(text: str) -> exp.Expr:
    if _deepest(text) > MOST_DEEP:
        raise RuleError("not_allowed", what="(" * 3 + "…")
    try:
        trees = sqlglot.parse(text, read="duckdb")
    except TokenError as error:
        raise RuleError("unclosed", max(len(text) - 1, 0)) from error
    except ParseError as error:
        raise _unreadable(error, text) from error
    except RecursionError as error:
        raise RuleError("too_many", most=MOST_CONDITIONS) from error
    found = [tree for tree in trees if tree is not None]
    if not found:
        raise RuleError("empty")
    if len(found) > 1:
        raise RuleError("several", text.find(";"))
    return found[0]


def _deepest(text: str) -> int:
    deep = most = 0
    for letter in text:
        deep += (letter == "(") - (letter == ")")
        most = max(most, deep)
    return most


def _unreadable(error: ParseError, text: str) -> RuleError:
    first = error.errors[0] if error.errors else {}
    lines = text.splitlines(keepends=True)
    row, column = int(first.get("line") or 1), int(first.get("col") or 1)
    before = sum(len(line) for line in lines[: row - 1])
    end = min(before + column - 1, max(len(text) - 1, 0))
    start = max(end - len(str(first.get("highlight") or " ")) + 1, 0)
    return RuleError("syntax", start, end)


class _Reader:
    """Makes values of one parsed text; whatever it does not know is refused."""

    def __init__(self, facts: Facts, text: str) -> None:
        self.facts, self.text = facts, text

    def part(self, node: exp.Expr) -> Part:
        if isinstance(node, exp.Paren):
            return self.part(node.this)
        if isinstance(node, exp.And | exp.Or):
            return self._group(node)
        if isinstance(node, exp.Not):
            inner = self.part(node.this)
            return inner.part if isinstance(inner, Not) else Not(inner)
        if isinstance(node, exp.Boolean):
            return Everyone() if node.this else Not(Everyone())
        return self._condition(node)

    def _group(self, node: exp.And | exp.Or) -> Group:
        both = isinstance(node, exp.And)
        parts: list[Part] = []
        for side in (part for part in node.flatten(unnest=True) if part is not None):
            read = self.part(side)
            same = isinstance(read, Group) and read.all == both
            parts.extend(read.parts if same and isinstance(read, Group) else [read])
        return Group(both, tuple(parts))

    def _condition(self, node: exp.Expr) -> Part:
        for kind, operator in COMPARISONS.items():
            if type(node) is kind:
                return self._compare(node, operator)
        readers: tuple[tuple[type[exp.Expr], Callable[[exp.Expr], Part]], ...] = (
            (exp.Between, self._between),
            (exp.In, self._among),
            (exp.Like, self._contains),
            (exp.ILike, self._contains),
            (exp.Is, self._is),
        )
        for kind, reader in readers:
            if type(node) is kind:
                return reader(node)
        return self._flag(node)

    def _flag(self, node: exp.Expr) -> Part:
        """Read a term that stands alone: only a flag is a condition by itself."""
        term = self.term(node)
        if term.kind != "flag":
            raise self._error("no_condition", node, what=self._said(node))
        return Compare(term, "=", Value(True))

    def _compare(self, node: exp.Expr, operator: str) -> Compare:
        left, right = self._alike(node.this, node.expression)
        if left.kind == "flag" and operator not in ("=", "<>"):
            raise self._error("not_allowed", node, what=operator)
        if isinstance(left, Value | Today) and not isinstance(right, Value | Today):
            return Compare(right, FLIPPED[operator], left)
        return Compare(left, operator, right)

    def _between(self, node: exp.Expr) -> Between:
        term, low = self._alike(node.this, node.args["low"])
        _term, high = self._alike(node.this, node.args["high"])
        return Between(term, low, high)

    def _among(self, node: exp.Expr) -> Among:
        listed: Sequence[exp.Expr] = node.args.get("expressions") or ()
        if not listed:
            raise self._error("not_allowed", node, what=self._said(node))
        values = [self._alike(node.this, one) for one in listed]
        for (_term, value), one in zip(values, listed, strict=True):
            if not isinstance(value, Value):
                raise self._error("not_allowed", one, what=self._said(one))
        found = {value for _term, value in values if isinstance(value, Value)}
        return Among(values[0][0], tuple(sorted(found, key=lambda one: one.value)))

    def _contains(self, node: exp.Expr) -> Contains:
        term, pattern = self.term(node.this), node.expression
        if term.kind != "text":
            raise self._error("no_text", node.this, what=self._said(node.this))
        if not (isinstance(pattern, exp.Literal) and pattern.is_string):
            raise self._error("pattern", pattern)
        return self._pattern(term, pattern)

    def _pattern(self, term: Term, pattern: exp.Literal) -> Contains:
        written = str(pattern.this)
        sought = written.strip("%")
        before, after = written.startswith("%"), written.endswith("%")
        if not sought or set(sought) & set("%_") or not (before or after):
            raise self._error("pattern", pattern)
        if before and after:
            return Contains(term, sought)
        return Contains(term, sought, "ends" if before else "starts")

    def _is(self, node: exp.Expr) -> Part:
        term, asked = self.term(node.this), node.expression
        if isinstance(asked, exp.Null):
            return Not(Known(term))
        if isinstance(asked, exp.Boolean) and term.kind == "flag":
            return Compare(term, "=", Value(bool(asked.this)))
        raise self._error("null", node)

    def _alike(self, left: exp.Expr, right: exp.Expr) -> tuple[Term, Term]:
        """Read two terms of one kind; a text beside a date is a day."""
        first, second = self.term(left), self.term(right)
        if first.kind == "date" and second.kind == "text":
            second = self._day(second, right)
        elif second.kind == "date" and first.kind == "text":
            first = self._day(first, left)
        if first.kind != second.kind:
            raise self._error(
                "other_kind",
                left,
                right,
                left=self._said(left),
                right=self._said(right),
                left_kind=first.kind,
                right_kind=second.kind,
            )
        return first, second

    def _day(self, term: Term, node: exp.Expr) -> Value:
        written = term.value if isinstance(term, Value) else ""
        try:
            return Value(date.fromisoformat(str(written)))
        except ValueError:
            raise self._error("date", node, what=self._said(node)) from None

    def term(self, node: exp.Expr) -> Term:
        if isinstance(node, exp.Paren):
            return self.term(node.this)
        if isinstance(node, exp.Column):
            return self._fact(node)
        if isinstance(node, exp.Literal):
            return self._literal(node)
        if isinstance(node, exp.Boolean):
            return Value(bool(node.this))
        if isinstance(node, exp.Neg):
            return self._negative(node)
        if isinstance(node, exp.Cast) and node.to.this == exp.DataType.Type.DATE:
            return self._day(self.term(node.this), node)
        if isinstance(node, exp.CurrentDate):
            return Today()
        if isinstance(node, exp.Null):
            raise self._error("null", node)
        return self._reckoned(node)

    def _fact(self, node: exp.Column) -> Term:
        name = node.name.lower()
        if len(node.parts) == 1 and not node.args.get("join_mark"):
            if name == TODAY and name not in self.facts:
                return Today()
            if name in self.facts:
                found = self.facts[name]
                return Fact(found.name, found.kind, found.money)
        meant = _nearest(name, (*self.facts, TODAY))
        raise self._error("unknown_fact", node, suggestion=meant, name=self._said(node))

    def _literal(self, node: exp.Literal) -> Value:
        if node.is_string:
            return Value(str(node.this))
        number = float(node.this)
        if not isfinite(number):
            raise self._error("number", node, what=self._said(node))
        return Value(int(number) if number == int(number) and abs(number) < 2**53 else number)

    def _negative(self, node: exp.Neg) -> Term:
        term = self.term(node.this)
        if isinstance(term, Value) and term.kind == "number":
            assert isinstance(term.value, int | float)
            return Value(-term.value)
        return self._pair("-", Value(0), term, node)

    def _reckoned(self, node: exp.Expr) -> Term:
        for kind, operator in ARITHMETIC.items():
            if type(node) is kind:
                return self._pair(operator, self.term(node.this), self.term(node.expression), node)
        for kind, name in CALLS.items():
            if type(node) is kind:
                return self._call(name, node)
        if isinstance(node, exp.Func) and not isinstance(node, WORDS_OF_SQL):
            name = node.name if isinstance(node, exp.Anonymous) else node.sql_name().lower()
            meant = _nearest(name.lower(), FUNCTIONS)
            raise self._error("unknown_function", node, suggestion=meant, name=name)
        raise self._error("not_allowed", node, what=self._said(node))

    def _pair(self, operator: str, left: Term, right: Term, node: exp.Expr) -> Arithmetic:
        kinds = (left.kind, right.kind)
        if kinds == ("date", "date") and operator == "-":
            return Arithmetic(operator, left, right)
        if left.kind == "date" and operator in "+-":
            self._hold_to_days(right, node)
            return Arithmetic(operator, left, right, "date")
        if kinds != ("number", "number"):
            raise self._error("no_arithmetic", node, what=self._said(node))
        return Arithmetic(operator, left, right)

    def _hold_to_days(self, term: Term, node: exp.Expr) -> None:
        days = term.value if isinstance(term, Value) else None
        if not isinstance(days, int) or isinstance(days, bool) or abs(days) > MOST_DAYS:
            raise self._error("days", node, most=MOST_DAYS)

    def _call(self, name: str, node: exp.Expr) -> Call:
        given = [node.this, *(node.args.get("expressions") or [])]
        read = tuple(self.term(one) for one in given if one is not None)
        kinds: set[Kind] = {one.kind for one in read}
        extra = [key for key in ("decimals", "truncate") if node.args.get(key)]
        if extra or len(kinds) != 1 or not _takes(name, len(read), next(iter(kinds))):
            raise self._error("arguments", node, name=name, wanted=WANTED[name])
        return Call(name, read, read[0].kind)

    def _said(self, node: exp.Expr) -> str:
        start, end = _span(node)
        return self.text[start : end + 1] if end >= start >= 0 else node.sql("duckdb")[:80]

    def _error(
        self, code: str, *nodes: exp.Expr, suggestion: str = "", **values: object
    ) -> RuleError:
        spans = [span for span in map(_span, nodes) if span[0] >= 0]
        start = min((span[0] for span in spans), default=0)
        end = max((span[1] for span in spans), default=max(len(self.text) - 1, 0))
        return RuleError(code, start, end, suggestion=suggestion, **values)


WANTED = {
    "abs": "one number",
    "round": "one number",
    "lower": "one text",
    "coalesce": "two or more values of one kind",
    "greatest": "two or more numbers or dates",
    "least": "two or more numbers or dates",
}


def _takes(name: str, count: int, kind: Kind) -> bool:
    if name in ("abs", "round"):
        return count == 1 and kind == "number"
    if name == "lower":
        return count == 1 and kind == "text"
    return count >= 2 and (name == "coalesce" or kind in ("number", "date"))


def _span(node: exp.Expr) -> tuple[int, int]:
    """Find where in the text a node stands; (-1, -2) where sqlglot does not know."""
    ends = [found.meta for found in node.walk() if "start" in found.meta]
    if not ends:
        return -1, -2
    return min(m["start"] for m in ends), max(m["end"] for m in ends)


def _nearest(name: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, names, 1, 0.6)
    if near:
        return near[0]
    words = set(name.split("_"))
    shared = [(len(words & set(one.split("_"))), one) for one in names]
    best = max(shared, default=(0, ""), key=lambda pair: (pair[0], -len(pair[1])))
    return best[1] if best[0] else ""
