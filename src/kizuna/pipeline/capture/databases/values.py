"""Values as databases give them, as columns of Arrow; and as text, to go on after them later."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Literal
from uuid import UUID

import pyarrow as pa

type Type = Literal["whole", "real", "decimal", "truth", "date", "moment", "instant", "text", "any"]

DIGITS = 38
LOOSE_SCALE = 10
"""Decimals kept of a number that its database does not bound."""
EXACT = Context(prec=100, rounding=ROUND_HALF_EVEN)
LOOK_BACK: dict[type, Any] = {datetime: timedelta(hours=1), date: timedelta(days=1), int: 1_000}
"""How far before the last value read again: what was committed late is not missed."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a result; `scale` is the number of decimals of a decimal."""

    name: str
    type: Type = "any"
    scale: int | None = None


def as_arrow(columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> pa.Table:
    """Make a table of rows; what does not fit its declared type is kept as text."""
    arrays = [_array(c, [row[i] for row in rows]) for i, c in enumerate(columns)]
    return pa.table(arrays, names=[column.name for column in columns])


def common_type(types: Sequence[pa.DataType]) -> pa.DataType:
    """Give the type that holds the values of all parts of a column."""
    found = list(dict.fromkeys(t for t in types if not pa.types.is_null(t)))
    if not found:
        return pa.string()
    if len(found) == 1:
        return found[0]
    numbers = all(pa.types.is_integer(t) or pa.types.is_floating(t) for t in found)
    return pa.float64() if numbers else pa.string()


def _array(column: Column, values: list[Any]) -> pa.Array:
    if column.type == "decimal":
        return _decimals(column, values)
    wanted = TYPES.get(column.type)
    if wanted is not None:
        with suppress(pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, TypeError, ValueError):
            return pa.array(values, wanted)
    if column.type == "any":
        return _as_they_are(values)
    return pa.array([text_of(value) for value in values], pa.string())


TYPES: dict[str, pa.DataType] = {
    "whole": pa.int64(),
    "real": pa.float64(),
    "truth": pa.bool_(),
    "date": pa.date32(),
    "moment": pa.timestamp("us"),
    "instant": pa.timestamp("us", "UTC"),
}


def _as_they_are(values: list[Any]) -> pa.Array:
    """Type a column by its values, as SQLite does; a mixture of texts and numbers is text."""
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int, float}:
        with suppress(OverflowError, pa.ArrowInvalid):
            whole = pa.float64() if float in kinds else pa.int64()
            return pa.array(values, whole if kinds else pa.null())
    return pa.array([text_of(value) for value in values], pa.string())


def _decimals(column: Column, values: list[Any]) -> pa.Array:
    scale = LOOSE_SCALE if column.scale is None else min(max(column.scale, 0), DIGITS - 1)
    unit = Decimal(1).scaleb(-scale)
    exact = [_rounded(value, unit) for value in values]
    try:
        return pa.array(exact, pa.decimal128(DIGITS, scale))
    except (pa.ArrowInvalid, TypeError):
        return pa.array([text_of(value) for value in values], pa.string())


def _rounded(value: Any, unit: Decimal) -> Decimal | None:
    if value is None or not Decimal(value).is_finite():
        return None
    return Decimal(value).quantize(unit, context=EXACT)


def text_of(value: Any) -> str | None:
    """Write a value that has no type of its own; bytes that are no text in hexadecimal."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return _text_of_bytes(bytes(value))
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _text_of_bytes(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.hex()


def looked_back(value: Any) -> Any:
    """Give where to begin again, a little before a value."""
    if isinstance(value, bool):
        return value
    with suppress(OverflowError):
        for kind, step in LOOK_BACK.items():
            if isinstance(value, kind):
                return value - step
    return value


def packed(value: Any) -> list[str] | None:
    """Write a value so that `unpacked` gives it back, of the same type."""
    if value is None:
        return None
    for name, (kind, write, _read) in PACKINGS.items():
        if type(value) is kind:
            return [name, write(value)]
    return ["text", str(value)]


def unpacked(said: Sequence[str] | None) -> Any:
    """Give back what `packed` wrote."""
    return None if said is None else PACKINGS[said[0]][2](said[1])


def shown(said: Sequence[str] | None) -> str:
    """Write a packed value for people."""
    return "" if said is None else said[1]


PACKINGS: dict[str, tuple[type, Callable[[Any], str], Callable[[str], Any]]] = {
    "text": (str, str, str),
    "whole": (int, str, int),
    "real": (float, repr, float),
    "decimal": (Decimal, str, Decimal),
    "truth": (bool, str, lambda said: said == "True"),
    "moment": (datetime, datetime.isoformat, datetime.fromisoformat),
    "date": (date, date.isoformat, date.fromisoformat),
    "time": (time, time.isoformat, time.fromisoformat),
    "uuid": (UUID, str, UUID),
    "bytes": (bytes, bytes.hex, bytes.fromhex),
}
