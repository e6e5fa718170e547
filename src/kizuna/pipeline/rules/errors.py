"""What is wrong with a rule: where, why, and what was perhaps meant."""

from __future__ import annotations

from collections.abc import Mapping

from kizuna.pipeline.errors import InputError

REASONS: dict[str, str] = {
    "empty": "The rule is empty.",
    "too_long": "The rule is longer than %(most)s letters; part it into two.",
    "too_many": "The rule has more than %(most)s conditions; part it into two.",
    "syntax": "This cannot be read as a condition.",
    "unclosed": "A quotation mark or a bracket is not closed.",
    "several": "A rule is one condition; nothing may follow it.",
    "not_allowed": "A rule may only compare facts; “%(what)s” is not allowed in it.",
    "unknown_fact": "There is no fact called “%(name)s”.",
    "unknown_function": "There is no function called “%(name)s”.",
    "no_condition": "“%(what)s” is a value, not a condition: compare it with something.",
    "other_kind": "“%(left)s” is a %(left_kind)s and “%(right)s” a %(right_kind)s.",
    "no_arithmetic": "“%(what)s” is no number; only numbers and dates can be reckoned with.",
    "days": "To a date, only a whole number of days up to %(most)s can be added.",
    "no_text": "“%(what)s” is no text; only texts can be searched.",
    "pattern": "Write the text with %% at its beginning, its end, or both, and no other sign.",
    "null": "To ask whether something is known, write IS NULL or IS NOT NULL.",
    "date": "“%(what)s” is no day; write it as 2026-04-01.",
    "number": "“%(what)s” is no number that can be reckoned with.",
    "arguments": "“%(name)s” takes %(wanted)s.",
    "builder": "The form was not filled in: %(what)s.",
}
"""Why a rule cannot be used, by code, in English; the application says it in its languages."""


class RuleError(InputError):
    """A rule that cannot be used.

    Attributes
    ----------
    code, values : key of `REASONS` and what its words name.
    start, end : where in the text, counted from 0; the end is included.
    suggestion : what was perhaps meant; empty where nothing comes near.

    """

    def __init__(
        self,
        code: str,
        start: int = 0,
        end: int | None = None,
        *,
        suggestion: str = "",
        **values: object,
    ) -> None:
        self.code, self.values = code, dict(values)
        self.start, self.end = start, start if end is None else end
        self.suggestion = suggestion
        super().__init__(self._sentence(self.values))

    def _sentence(self, values: Mapping[str, object]) -> str:
        meant = f" Did you mean “{self.suggestion}”?" if self.suggestion else ""
        return f"At letter {self.start + 1}: {REASONS[self.code] % values}{meant}"
