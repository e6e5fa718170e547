"""The form of a segment: conditions in rows, or the text of the rule; it works without a script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from kizuna.pipeline.rules.builder import OPERATIONS, from_builder, to_builder
from kizuna.pipeline.rules.catalogue import known_facts
from kizuna.pipeline.rules.errors import RuleError
from kizuna.pipeline.rules.reading import LONGEST, read
from kizuna.pipeline.rules.terms import Rule
from kizuna.web.know.segments.facts import label, labels, value_names

MOST_ROWS, VALUES = 12, "known-values"
OPERATION_WORDS = {
    "above": _("more than"),
    "from": _("at least / from"),
    "below": _("less than"),
    "up_to": _("at most / until"),
    "is": _("is"),
    "is_not": _("is not"),
    "between": _("between (a, b)"),
    "in": _("one of (a, b, …)"),
    "not_in": _("none of (a, b, …)"),
    "contains": _("contains"),
    "starts": _("begins with"),
    "last_days": _("in the last … days"),
    "before_days": _("more than … days ago"),
    "next_days": _("in the next … days"),
    "yes": _("yes"),
    "no": _("no"),
    "known": _("is known"),
    "unknown": _("is not known"),
}


class NameForm(forms.Form):
    """What a segment is called and what it is for."""

    name = forms.CharField(label=_("Name of the segment"), max_length=120)
    description = forms.CharField(label=_("What it is for"), required=False, max_length=1000)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class TextForm(forms.Form):
    """The rule as text."""

    rule = forms.CharField(
        label=_("Rule"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 4, "spellcheck": "false", "autocapitalize": "off"}),
        help_text=_("For example: p_alive < 0.5 AND today - last_purchase > 60"),
    )


class RowForm(forms.Form):
    """One condition."""

    fact = forms.ChoiceField(label=_("Fact"), required=False)
    op = forms.ChoiceField(
        label=_("Comparison"), required=False, choices=list(OPERATION_WORDS.items())
    )
    value = forms.CharField(label=_("Value"), required=False, max_length=300)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        field = self.fields["fact"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("choose…")), *labels().items()]
        self.fields["value"].widget.attrs["list"] = VALUES


@dataclass(frozen=True, slots=True)
class Asked:
    """What was filled in: the rows, or the text where the rule is written by hand."""

    given: QueryDict
    mode: str

    @classmethod
    def of(cls, given: QueryDict) -> Asked:
        """Read what was sent."""
        return cls(given, "text" if given.get("mode") == "text" else "form")

    @property
    def action(self) -> str:
        """What the button says: add, check, save, or turn to the other way of writing."""
        return self.given.get("action", "check")

    @property
    def match(self) -> str:
        """Whether all conditions must hold, or any."""
        return "any" if self.given.get("match") == "any" else "all"

    @property
    def rows(self) -> list[dict[str, str]]:
        """Give the conditions that name a fact."""
        names = [f"row-{at}" for at in range(MOST_ROWS)]
        rows = [{k: self.given.get(f"{n}-{k}", "") for k in ("fact", "op", "value")} for n in names]
        return [row for row in rows if row["fact"]]

    def rule(self) -> Rule:
        """Give the rule; raises `RuleError`."""
        if self.mode == "text":
            return read(self.given.get("rule", ""), known_facts())
        if not self.rows:
            raise RuleError("empty")
        return from_builder({self.match: [_condition(row) for row in self.rows]}, known_facts())


def known_values() -> list[tuple[str, str]]:
    """Offer the keys that values may be, each with its fact and its name."""
    return [
        (key, f"{label(fact)}: {name}")
        for fact in ("persona", "lifecycle_stage", "health_band")
        for key, name in value_names(fact).items()
    ]


def row_forms(rows: list[Mapping[str, Any]]) -> list[RowForm]:
    """Give a form for each condition, and an empty one below."""
    filled: list[Mapping[str, Any]] = [*rows[: MOST_ROWS - 1], {}]
    return [RowForm(initial=dict(row), prefix=f"row-{at}") for at, row in enumerate(filled)]


def shown_of(rule: Rule | None) -> tuple[str, list[Mapping[str, Any]]] | None:
    """Give what the form shows of a rule; None where only text can."""
    if rule is None:
        return "all", []
    shown = to_builder(rule.part)
    match = "any" if "any" in shown else "all"
    rows = shown.get(match, [shown])
    if len(rows) >= MOST_ROWS or any("fact" not in row for row in rows):
        return None
    return match, [{**row, "value": _value(row.get("value"))} for row in rows]


def _condition(row: Mapping[str, str]) -> dict[str, Any]:
    value: Any = row["value"]
    if row["op"] == "between":
        value = [part.strip() for part in value.split(",")]
    elif row["op"] in ("in", "not_in"):
        value = [part.strip() for part in value.replace("、", ",").split(",") if part.strip()]
    fact = known_facts().get(row["fact"])
    if fact is not None and row["op"] not in OPERATIONS[fact.kind]:
        raise RuleError("builder", what=row["op"])
    keys = {name: key for key, name in value_names(row["fact"]).items()}
    several = isinstance(value, list)
    value = [keys.get(one, one) for one in value] if several else keys.get(value, value)
    return {"fact": row["fact"], "op": row["op"], "value": value}


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
