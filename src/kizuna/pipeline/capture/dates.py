"""Dates as people write them, read in SQL: ISO, year first, day or month first, Japanese eras.

Each function gives SQL over named columns, layer upon layer: the plain ISO form is tried first and
costs almost nothing; only what is left goes through regular expressions.
"""

from __future__ import annotations

from typing import Literal

from kizuna.pipeline.capture.zones import Zone

type DateOrder = Literal["day", "month"]
"""Which comes first in 03/04/2026."""

ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
"""Year before the era's first."""
WIDE = "０１２３４５６７８９：／．－，（）＋　\u00a0\u202f"
BLANKS = "' \t\r\n\ufeff'"
"""SQL: what is trimmed."""
NARROW = "0123456789:/.-,()+   "
NAMED = (
    *("%d %b %Y", "%d-%b-%Y", "%d/%b/%Y", "%b %d %Y", "%b %d, %Y"),
    *("%d %B %Y", "%B %d %Y", "%B %d, %Y", "%a, %d %b %Y"),
)

AMBIGUOUS = r"^(\d{1,2})[-/](\d{1,2})[-/](\d{4})"
DOTTED = r"^(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})"
MONTH_AND_DAY = r"\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?"
YEAR_FIRST = rf"^(\d{{4}}){MONTH_AND_DAY}"
ERA = rf"^({'|'.join(ERAS)}|[MTSHRmtshr])\.?\s*(元|\d{{1,2}}){MONTH_AND_DAY}"
COMPACT = r"^(\d{4})(\d{2})(\d{2})(?:[T ]?(\d{2})(\d{2})(\d{2})?)?$"
DAY_NAMED = r"\d{1,2}[ /-][A-Za-z]{3,9}[ /-]\d{4}"
NAMED_DAY = r"[A-Za-z]{3,9}\.? \d{1,2},? \d{4}"
NAMED_MONTH = rf"^(?:[A-Za-z]{{3,9}}, )?(?:{DAY_NAMED}|{NAMED_DAY})"
SECONDS, MILLISECONDS = r"^1\d{9}$", r"^1\d{12}$"
TIME = r"([0-9]{1,2}(?::[0-9]{1,2}){0,2}(?:\.[0-9]+)?)"
CLOCK = rf"^{TIME}\s*([AaPp][Mm])?\s*(Z|UTC|GMT|JST|[-+]\d{{2}}(?::?\d{{2}})?)?$"
ISO_UTC = "%Y-%m-%d %H:%M:%SZ"


def plain(text: str) -> str:
    """SQL: full-width digits and signs narrowed, weekday in brackets and outer blanks gone."""
    narrow = f"translate({text}, '{WIDE}', '{NARROW}')"
    dated = f"regexp_replace({narrow}, '\\s*\\([月火水木金土日祝]{{1,2}}\\)', ' ')"
    return f"trim({dated}, {BLANKS})"


def layers(relation: str, order: DateOrder | None, zone: Zone) -> str:
    """SQL: the relation, with `ordered_on` (DATE) and `ordered_at` (UTC) read from `date_text`.

    Both are NULL where the text cannot be read, or where its order is not decided (`None`).
    """
    quick = (
        "SELECT *, CASE WHEN length(date_text) <= 10 AND date_text BETWEEN '0' AND ':' "
        "THEN try_cast(date_text AS DATE) END AS quick_day, "
        "CASE WHEN length(date_text) = 19 AND date_text BETWEEN '0' AND ':' "
        "AND substr(date_text, 17, 1) = ':' THEN try_cast(date_text AS TIMESTAMP) END "
        f"AS quick_time FROM ({relation})"
    )
    iso = (
        "SELECT *, CASE WHEN quick_day IS NULL AND quick_time IS NULL "
        f"THEN {_iso('date_plain', order)} END AS iso FROM (SELECT *, CASE WHEN quick_day IS NULL "
        f"AND quick_time IS NULL THEN {plain('date_text')} END AS date_plain FROM ({quick}))"
    )
    split = (
        "SELECT *, try_cast(regexp_extract(iso, '^[0-9]+-[0-9]+-[0-9]+') AS DATE) AS iso_day, "
        f"{_clock()} AS clock FROM ({iso})"
    )
    parts = (
        f"SELECT *, CASE WHEN clock <> '' THEN regexp_extract(clock, '{CLOCK}', "
        "['time', 'half', 'zone']) END AS parts, "
        f"clock <> '' AND regexp_matches(clock, '{CLOCK}') AS clock_read FROM ({split})"
    )
    read = f"SELECT *, {_local()} AS local_time, {_offset()} AS offset_minutes FROM ({parts})"
    return (
        f"SELECT * EXCLUDE (quick_day, quick_time, iso, date_plain, iso_day, clock, parts, "
        f"clock_read, local_time, offset_minutes), {_day(zone)} AS ordered_on, "
        f"{_instant(zone)} AS ordered_at FROM ({read})"
    )


def _iso(text: str, order: DateOrder | None) -> str:
    """SQL: the date rewritten as year-month-day; what follows it stays."""
    first = {"day": r"\3-\2-\1 ", "month": r"\3-\1-\2 ", None: "undecided "}[order]
    rules = (
        (YEAR_FIRST, rf"regexp_replace({text}, '{YEAR_FIRST}', '\1-\2-\3 ')"),
        (AMBIGUOUS, rf"regexp_replace({text}, '{AMBIGUOUS}', '{first}')"),
        (DOTTED, rf"regexp_replace({text}, '{DOTTED}', '\3-\2-\1 ')"),
        (COMPACT, rf"regexp_replace({text}, '{COMPACT}', '\1-\2-\3 \4:\5:\6')"),
        (SECONDS, f"strftime(make_timestamp(try_cast({text} AS BIGINT) * 1000000), '{ISO_UTC}')"),
        (MILLISECONDS, f"strftime(make_timestamp(try_cast({text} AS BIGINT) * 1000), '{ISO_UTC}')"),
        (ERA, _era(text)),
        (NAMED_MONTH, _named(text)),
    )
    cases = " ".join(f"WHEN regexp_matches({text}, '{shape}') THEN {sql}" for shape, sql in rules)
    return f"CASE {cases} END"


def _era(text: str) -> str:
    """SQL: 令和8年11月21日, R8.11.21 and their like as year-month-day."""
    cases = " ".join(
        f"WHEN '{era}' THEN {base}" for era, base in zip(ERAS, ERAS.values(), strict=True)
    )
    letters = " ".join(
        f"WHEN '{letter}' THEN {base}" for letter, base in zip("MTSHR", ERAS.values(), strict=True)
    )
    base = f"CASE upper(regexp_extract({text}, '{ERA}', 1)) {cases} {letters} END"
    year = f"try_cast(replace(regexp_extract({text}, '{ERA}', 2), '元', '1') AS INTEGER)"
    rest = rf"regexp_replace({text}, '{ERA}', '-\3-\4 ')"
    return f"({base} + {year}) || {rest}"


def _named(text: str) -> str:
    formats = ", ".join(f"'{shape}'" for shape in NAMED)
    day = f"replace(regexp_extract({text}, '{NAMED_MONTH}'), '.', '')"
    rest = f"regexp_replace({text}, '{NAMED_MONTH}', ' ')"
    return f"strftime(try_strptime({day}, [{formats}]), '%Y-%m-%d') || {rest}"


def _clock() -> str:
    """SQL: what follows the day, as hours:minutes:seconds; '' where there is nothing."""
    rest = "regexp_replace(iso, '^[0-9]+-[0-9]+-[0-9]+[T, ]*', '')"
    colons = f"regexp_replace(replace({rest}, '秒', ''), '\\s*[時分]\\s*', ':', 'g')"
    morning = rf"regexp_replace({colons}, '^午前\s*(.*)$', '\1 AM')"
    halves = rf"regexp_replace({morning}, '^午後\s*(.*)$', '\1 PM')"
    return f"trim(regexp_replace({halves}, ':+( |$)', '\\1'))"


def _local() -> str:
    """SQL: day and time of day as written; NULL where either cannot be read."""
    hours = "try_cast(split_part(parts.time, ':', 1) AS INTEGER)"
    whole = "CASE WHEN contains(parts.time, ':') THEN parts.time ELSE parts.time || ':00' END"
    half = (
        f"CASE WHEN parts.half = '' THEN 0 WHEN {hours} > 12 OR {hours} = 0 THEN NULL "
        f"WHEN lower(parts.half) = 'pm' AND {hours} < 12 THEN 12 "
        f"WHEN lower(parts.half) = 'am' AND {hours} = 12 THEN -12 ELSE 0 END"
    )
    return f"CASE WHEN clock_read THEN iso_day + try_cast({whole} AS TIME) + to_hours({half}) END"


def _offset() -> str:
    """SQL: minutes ahead of UTC, as written; NULL where no zone is written."""
    sign = "CASE WHEN parts.zone[1] = '-' THEN -1 ELSE 1 END"
    hours = "try_cast(parts.zone[2:3] AS INTEGER)"
    minutes = "coalesce(try_cast(right(replace(parts.zone[4:], ':', ''), 2) AS INTEGER), 0)"
    return (
        "CASE WHEN NOT clock_read OR parts.zone = '' THEN NULL WHEN parts.zone = 'JST' THEN 540 "
        "WHEN parts.zone IN ('Z', 'UTC', 'GMT') THEN 0 "
        f"ELSE {sign} * ({hours} * 60 + {minutes}) END"
    )


def _day(zone: Zone) -> str:
    utc = "(local_time - to_minutes(offset_minutes))"
    return (
        "CASE WHEN quick_day IS NOT NULL THEN quick_day "
        "WHEN quick_time IS NOT NULL THEN CAST(quick_time AS DATE) "
        "WHEN clock = '' THEN iso_day WHEN offset_minutes IS NULL THEN CAST(local_time AS DATE) "
        f"ELSE CAST({zone.to_local(utc)} AS DATE) END"
    )


def _instant(zone: Zone) -> str:
    utc = "(local_time - to_minutes(offset_minutes))"
    return (
        f"CASE WHEN quick_day IS NOT NULL THEN NULL WHEN quick_time IS NOT NULL "
        f"THEN {zone.to_utc('quick_time')} WHEN offset_minutes IS NULL "
        f"THEN {zone.to_utc('local_time')} ELSE {utc} END"
    )
