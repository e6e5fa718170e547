"""Shapes that the parts of the interface share; parameters take what the schema says, no more."""

from __future__ import annotations

import math
import re
from datetime import date
from typing import Annotated, Any, Final

from ninja import Schema
from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints

from kizuna.web.ui.components import Explain

NO_NUL: Final = r"^[^\x00]*$"
MOST: Final = 2**63 - 1
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_WHOLE: Final = re.compile(r"-?\d{1,19}")
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")


def _like(pattern: re.Pattern[str], said: str) -> Any:
    """Refuse what a lenient reader would take: spaces, underscores, moments for days."""

    def check(value: Any) -> Any:
        if isinstance(value, str) and not (value.isascii() and pattern.fullmatch(value)):
            raise ValueError(said)
        return value

    return BeforeValidator(check)


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("a finite number")
    return value


Word = Annotated[str, StringConstraints(pattern=NO_NUL, min_length=1, max_length=200)]
Id = Annotated[int, Field(ge=1, le=MOST)]
Day = Annotated[date, _like(_DAY, "a day as YYYY-MM-DD")]
Whole = Annotated[int, _like(_WHOLE, "a whole number"), Field(ge=-MOST, le=MOST)]
Number = Annotated[float, _like(_NUMBER, "a number"), Field(ge=-1e15, le=1e15, allow_inf_nan=False)]
Leaf = Annotated[int, _like(_WHOLE, "a whole number"), Field(ge=1, le=200)]
Limit = Annotated[int, _like(_WHOLE, "a whole number"), Field(ge=1, le=200)]


class Body(Schema):
    """What a program sends as JSON: types are as they say, and nothing else is in it."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Interval(Schema):
    """An estimate with the bounds of its 90 % interval."""

    value: float | None
    low: float | None
    high: float | None


class Computed(Schema):
    """How a number is computed, in the language of `Accept-Language`."""

    definition: str
    formula: str = ""
    rows: str = ""
    interval: str = ""
    back_test: str = ""
    as_of: str = ""


class Problem(Schema):
    """A refusal, as RFC 9457 writes it."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, Any]] = []


def computed(explain: Explain | None) -> Computed | None:
    """Give what a page says behind *How is this computed?*."""
    if explain is None:
        return None
    names = Computed.model_fields
    return Computed(**{name: str(getattr(explain, name)) for name in names})


def interval(found: Any) -> Interval | None:
    """Give an estimate of a summary; None where it is not known."""
    if not found or found.get("value") is None:
        return None
    return Interval(**{name: found.get(name) for name in ("value", "low", "high")})
