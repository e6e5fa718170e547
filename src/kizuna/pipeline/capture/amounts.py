"""Amounts as people write them, read in SQL: separators, signs of currencies, brackets for minus.

As with dates, the plain form is tried first and costs almost nothing.
"""

from __future__ import annotations

from typing import Literal

from babel.numbers import get_currency_precision, get_currency_symbol, list_currencies

from kizuna.pipeline.capture.dates import BLANKS, NARROW, WIDE
from kizuna.pipeline.engine import quoted
from kizuna.pipeline.errors import InputError

type Decimal = Literal[".", ","]
"""The sign between units and fractions."""

NO_CURRENCY = "XXX"
"""ISO 4217's code for no currency; amounts get two decimals and are shown without a sign."""
LARGEST = 9_000_000_000_000_000
"""Minor units beyond which whole numbers are not exact."""

SIGN = r"[-+−▲△]"
SYMBOL = r"US\$|A\$|C\$|HK\$|[¥￥$£€円₩₹฿\\]|[A-Za-z]{3}"
NUMBER = r"\d+(?:[.,'’ ]\d+)*|[.,]\d+"
WRITTEN = (
    rf"^(\()?\s*({SIGN})?\s*({SYMBOL})?\s*({SIGN})?\s*({NUMBER})\s*({SYMBOL})?\s*(-)?\s*(\))?$"
)
PARTS = "['opened', 'before', 'symbol', 'after', 'digits', 'unit', 'trailing', 'closed']"

WITH_POINT = r"^\d*(\.\d+)?$|^\d{1,3}(,\d{2,3})*,\d{3}(\.\d+)?$"
WITH_COMMA = r"^\d*(,\d+)?$|^\d{1,3}(\.\d{3})+(,\d+)?$"
EITHER = r"^\d{1,3}[.,]\d{3}$"
"""1.234 and 1,234: thousands or fractions, which only other rows can tell."""

SYMBOLS = {"¥": "JPY", "￥": "JPY", "円": "JPY", "\\": "JPY", "$": "USD", "£": "GBP", "€": "EUR"}
"""The currency that a sign alone is taken for."""


def decimals(currency: str) -> int:
    """Digits of the currency's minor unit: 0 for JPY, 2 for USD; `InputError` for no currency."""
    if currency not in list_currencies():
        raise InputError(
            f"{currency!r} is not a currency: give an ISO 4217 code to --currency, e.g. JPY"
        )
    return int(get_currency_precision(currency))


def codes() -> frozenset[str]:
    """Every ISO 4217 code."""
    return frozenset(list_currencies())


def written_as(currency: str) -> frozenset[str]:
    """Signs and codes that an amount of this currency may carry."""
    names = {get_currency_symbol(currency, locale) for locale in ("en", "ja")}
    alone = {sign for sign, code in SYMBOLS.items() if code == currency}
    shared = {sign for sign in "$¥" if any(sign in name for name in names)}
    return frozenset({currency, *names, *alone, *shared} | ({"￥"} if "¥" in shared else set()))


def layers(relation: str, text: str, decimal: Decimal | None) -> str:
    """SQL: the relation, with `<text>` read as a DOUBLE and `<text>_symbol` (VARCHAR) beside it.

    The value is NULL where the text cannot be read. `decimal` is None while not decided: then
    1.234 and 1,234 are not read.
    """
    number = (
        f"SELECT *, CASE WHEN {_is_quick(text)} THEN try_cast({text} AS DOUBLE) END "
        f"AS quick_number FROM ({relation})"
    )
    written = (
        f"SELECT *, CASE WHEN quick_number IS NULL AND {text} IS NOT NULL "
        f"THEN regexp_extract({_plain(text)}, {quoted(WRITTEN)}, {PARTS}) END AS written "
        f"FROM ({number})"
    )
    digits = (
        "SELECT *, CASE WHEN (written.opened = '') = (written.closed = '') "
        f"THEN regexp_replace(written.digits, '[''’ ]', '', 'g') END "
        f"AS digits FROM ({written})"
    )
    return (
        f"SELECT * EXCLUDE (quick_number, written, digits, {text}), "
        f"coalesce(quick_number, {_value(decimal)}) AS {text}, "
        f"nullif(coalesce(nullif(written.symbol, ''), written.unit), '') AS {text}_symbol "
        f"FROM ({digits})"
    )


def evidence(relation: str) -> str:
    """SQL: one row that counts, in a relation of `text` and `rows`, what tells the decimal sign.

    `point` and `comma` are rows that only one sign explains; `dot` and `sep` are rows in doubt,
    written with the one or the other.
    """
    comma = f"regexp_matches(digits, {quoted(WITH_COMMA)})"
    point = f"regexp_matches(digits, {quoted(WITH_POINT)})"
    either = f"regexp_matches(digits, '{EITHER}')"
    kinds = {
        "point": f"NOT {either} AND {point} AND NOT {comma}",
        "comma": f"NOT {either} AND {comma} AND NOT {point}",
        "dot": f"{either} AND contains(digits, '.')",
        "sep": f"{either} AND contains(digits, ',')",
    }
    sums = ", ".join(
        f"coalesce(sum(rows) FILTER (WHERE {kind}), 0)::BIGINT AS {name}"
        for name, kind in kinds.items()
    )
    digits = f"regexp_extract({_plain('text')}, {quoted(WRITTEN)}, 5)"
    separated = "contains(text, '.') OR contains(text, ',') OR contains(text, '，')"
    return (
        f"SELECT {sums} FROM (SELECT rows, {digits} AS digits FROM ({relation}) WHERE {separated})"
    )


def _is_quick(text: str) -> str:
    """SQL: digits with a decimal point, of which nothing is in doubt."""
    return (
        f"length({text}) <= 16 AND ({text} BETWEEN '0' AND ':' OR {text}[1] = '-') "
        f"AND {text}[-4] <> '.' AND NOT contains({text}, '_') AND NOT contains({text}, 'n')"
    )


def _plain(text: str) -> str:
    return f"trim(translate({text}, '{WIDE}', '{NARROW}'), {BLANKS})"


def _value(decimal: Decimal | None) -> str:
    """SQL: the digits as a number, signed; NULL where they are not grouped as numbers are."""
    number = f"({_point()})" if decimal != "," else f"({_comma()})"
    if decimal is None:
        number = f"CASE WHEN NOT regexp_matches(digits, '{EITHER}') THEN {number} END"
    minus = (
        "written.opened = '(' OR written.before IN ('-', '−', '▲', '△') "
        "OR written.after IN ('-', '−', '▲', '△') "
        "OR (written.trailing = '-' AND written.symbol NOT IN ('¥', '￥', '\\') "
        "AND written.unit <> '円')"
    )
    return f"(CASE WHEN {minus} THEN -1 ELSE 1 END) * {number}"


def _point() -> str:
    return (
        f"CASE WHEN digits <> '' AND regexp_matches(digits, {quoted(WITH_POINT)}) "
        "THEN try_cast(replace(digits, ',', '') AS DOUBLE) END"
    )


def _comma() -> str:
    return (
        f"CASE WHEN digits <> '' AND regexp_matches(digits, {quoted(WITH_COMMA)}) "
        "THEN try_cast(replace(replace(digits, '.', ''), ',', '.') AS DOUBLE) END"
    )
