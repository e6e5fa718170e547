"""SQL that types the parts of a record, layer upon layer: a value, and whether it cannot be read.

A relation comes with every part as text and goes with each part typed; `<part>__bad` says why a
text has no value. What files write where nothing is known has none, and is not bad.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from kizuna.pipeline.capture import amounts, dates
from kizuna.pipeline.capture.amounts import LARGEST, Decimal
from kizuna.pipeline.capture.dates import DateOrder
from kizuna.pipeline.capture.staging import currency_code, is_missing, is_object
from kizuna.pipeline.capture.standard import places
from kizuna.pipeline.capture.standard.specs import Part
from kizuna.pipeline.capture.zones import Zone
from kizuna.pipeline.engine import identifier, quoted

FOLDED = "nfkc"
"""Function of the engine that makes wide, half and circled signs plain."""
HIRAGANA = "".join(map(chr, range(0x3041, 0x3097)))
KATAKANA = "".join(chr(code + 0x60) for code in range(0x3041, 0x3097))
TITLES = "様|殿|御中|さま"
TRUE = "true t yes y 1 on はい 有 有り あり する 自動 自動更新 ○ 〇"
FALSE = "false f no n 0 off いいえ 無 無し なし しない × ✕"
UNITS = "ヶ月|か月|カ月|ヵ月|箇月|months?|mos?|days?|日前?|月|席|名|人|回|分|秒|件"
MONTH = r"^(\d{4})\s*[-/.年]\s*(\d{1,2})月?度?$"
FIRST_DAY, OPEN_END = "DATE '1900-01-01'", "DATE '2200-01-01'"
"""Days outside are placeholders; an end beyond the last is none."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How one file is read.

    Attributes
    ----------
    columns : part → column, or '=value' of every row.
    date_orders, decimals : what was decided of each column of dates, of numbers.
    scales : SQL of the minor units in one unit of the row's currency.
    today : moments later than the day after it are errors.

    """

    columns: dict[str, str]
    zone: Zone
    today: str
    scales: str = "1"
    date_orders: dict[str, DateOrder] = field(default_factory=dict)
    decimals: dict[str, Decimal] = field(default_factory=dict)


def layer(relation: str, part: Part, reading: Reading) -> str:
    """SQL: the relation with one part typed."""
    if part.kind in {"day", "moment"}:
        return _time(relation, part, reading)
    if part.kind in {"whole", "number", "money"}:
        return _number(relation, part, reading)
    return _text(relation, part, reading)


def present(name: str) -> str:
    """SQL: a text, trimmed and with plain signs; NULL where nothing is said."""
    plain = f"CASE WHEN strlen({name}) = length({name}) THEN {name} ELSE {FOLDED}({name}) END"
    return f"CASE WHEN NOT {is_missing(name)} THEN nullif(trim({plain}, {dates.BLANKS}), '') END"


def _text(relation: str, part: Part, reading: Reading) -> str:
    name, text = identifier(part.name), "said"
    value, bad = _value(part, text, reading)
    kept = f"CASE WHEN NOT {is_missing(name)} THEN trim({name}, {dates.BLANKS}) END"
    said = kept if part.kind in {"free", "json", "id"} else present(name)
    return (
        f"SELECT * EXCLUDE ({name}, said), {value} AS {name}, "
        f"CASE WHEN said IS NOT NULL AND ({bad}) THEN {quoted(_code(part))} END AS {_bad(part)} "
        f"FROM (SELECT *, {said} AS said FROM ({relation}))"
    )


def _value(part: Part, text: str, reading: Reading) -> tuple[str, str]:
    """SQL: value of a text, and whether the text cannot be one."""
    match part.kind:
        case "name":
            bare = f"regexp_replace({text}, '\\s*({TITLES})$', '')"
            return (
                f"coalesce(nullif(regexp_replace({bare}, '\\s+', ' ', 'g'), ''), {text})",
                "false",
            )
        case "kana":
            return f"translate({text}, '{HIRAGANA}', '{KATAKANA}')", "false"
        case "email":
            return f"lower({text})", "false"
        case "phone":
            country = "country" if "country" in reading.columns else "NULL"
            number = places.phone(text, country, reading.zone.name)
            return f"coalesce({number}, {text})", "false"
        case "country":
            return places.country(text), "false"
        case "region":
            return places.region(text), "false"
        case "currency":
            known = ", ".join(map(quoted, sorted(amounts.codes())))
            return currency_code(text), f"{currency_code(text)} NOT IN ({known})"
        case "flag":
            value = _one_of(text, {"true": TRUE, "false": FALSE}, "NULL")
            return f"CAST({value} AS BOOLEAN)", f"{value} IS NULL"
        case "choice":
            value = _one_of(text, part.choices, text if part.is_open else "NULL")
            return value, f"{value} IS NULL"
        case "json":
            return text, f"NOT {is_object(text)}"
    return text, "false"


def _one_of(text: str, choices: object, otherwise: str) -> str:
    assert hasattr(choices, "items")
    folded = f"regexp_replace(lower({text}), '[\\s_.・-]', '', 'g')"
    cases = " ".join(
        f"WHEN {folded} IN ({', '.join(quoted(_plain(w)) for w in (value, *words.split()))}) "
        f"THEN {quoted(value)}"
        for value, words in choices.items()
    )
    return f"CASE {cases} ELSE {otherwise} END"


def _plain(word: str) -> str:
    return "".join(sign for sign in word.lower() if sign not in " _.・-")


def _time(relation: str, part: Part, reading: Reading) -> str:
    name = identifier(part.name)
    month = f"regexp_replace({name}, '{MONTH}', '\\1-\\2-1')"
    said = f"SELECT * EXCLUDE ({name}), CASE WHEN NOT {is_missing(name)} THEN {month} END"
    read = dates.layers(
        f"{said} AS date_text FROM ({relation})",
        reading.date_orders.get(part.name),
        reading.zone,
    )
    midnight = reading.zone.to_utc("CAST(ordered_on AS TIMESTAMP)")
    is_day = part.kind == "day"
    value = "ordered_on" if is_day else f"coalesce(ordered_at, {midnight})"
    future = "" if is_day else f"WHEN ordered_on > DATE '{reading.today}' + 1 THEN 'future_date' "
    bad = (
        "CASE WHEN date_text IS NULL THEN NULL WHEN ordered_on IS NULL THEN 'unreadable_date' "
        f"WHEN ordered_on < {FIRST_DAY} THEN 'implausible_date' {future}END"
    )
    value = f"CASE WHEN ordered_on < {OPEN_END} THEN {value} END" if is_day else value
    return (
        f"SELECT * EXCLUDE (date_text, ordered_on, ordered_at), {value} AS {name}, "
        f"{bad} AS {_bad(part)} FROM ({read})"
    )


def _number(relation: str, part: Part, reading: Reading) -> str:
    """SQL: a number; the text goes on beside it until it is known whether it was one."""
    name, text = identifier(part.name), identifier(f"{part.name}__text")
    said = f"CASE WHEN NOT {is_missing('said')} THEN said END"
    if part.choices:
        said = _one_of("said", part.choices, said)
    if part.kind == "whole":
        said = f"regexp_replace({said}, '\\s*({UNITS})$', '')"
    source = (
        f"SELECT * EXCLUDE (said), {said} AS {name}, {said} AS {text} "
        f"FROM (SELECT * EXCLUDE ({name}), {present(name)} AS said FROM ({relation}))"
    )
    read = amounts.layers(source, part.name, reading.decimals.get(part.name))
    value, bad = _figure(part, name, reading)
    return (
        f"SELECT * EXCLUDE ({name}, {text}, {identifier(f'{part.name}_symbol')}), "
        f"CASE WHEN NOT coalesce({bad}, true) THEN {value} END AS {name}, "
        f"CASE WHEN {text} IS NOT NULL AND coalesce({bad}, true) THEN 'unreadable_number' END "
        f"AS {_bad(part)} FROM ({read})"
    )


def _figure(part: Part, name: str, reading: Reading) -> tuple[str, str]:
    """SQL: the number as its table keeps it, and whether it cannot be kept."""
    match part.kind:
        case "money":
            minor = f"{name} * ({reading.scales})"
            return f"CAST(round({minor}) AS BIGINT)", f"NOT (abs({minor}) <= {LARGEST})"
        case "whole":
            return (
                f"CAST({name} AS INTEGER)",
                f"NOT ({name} = floor({name}) AND abs({name}) < 2000000000)",
            )
    return name, f"NOT isfinite({name})"


def _code(part: Part) -> str:
    return {"json": "bad_json", "currency": "unknown_currency"}.get(part.kind, "unknown_word")


def _bad(part: Part) -> str:
    return identifier(f"{part.name}__bad")
