"""What a person should know about how the rows were read: codes with values, for any language."""

from __future__ import annotations

from dataclasses import dataclass, field

TEXTS: dict[str, str] = {
    "other_columns": "the {part} is taken from {column!r}; "
    "if {others} is meant, say so with --{part}",
    "status_ignored": "no row is left out because of {column!r}: drop cancelled orders beforehand",
    "encoding": "{file} is read as {encoding}",
    "same_file": "{file} is an exact copy of another file and is not counted twice",
    "date_order_assumed": "{file}: whether day or month comes first in {column!r} cannot be told; "
    "{order} first is assumed",
    "date_order_mixed": "{file}: in {column!r} {rows:,} dates have the {order} first and "
    "{against:,} cannot; those are left out",
    "decimal_assumed": "{file}: '{sign}' is taken for the decimal sign, which no row proves",
    "decimal_mixed": "{file}: '{sign}' is the decimal sign in {rows:,} rows, but cannot be in "
    "{against:,}; those are left out",
    "currency_from_signs": "the currency is taken to be {currency}, from the signs in the amounts",
    "currency_from_header": "the currency is taken to be {currency}, from the header {column!r}; "
    "--currency says otherwise",
    "no_currency": "no currency is given: amounts are shown without a sign, with two decimals",
}


@dataclass(frozen=True, slots=True)
class Note:
    """One thing to know: a code of `TEXTS` and its values."""

    code: str
    values: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return TEXTS[self.code].format(**self.values)
