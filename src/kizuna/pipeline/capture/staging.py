"""SQL that types the rows of one source: customer, order, day, instant, amount, or why not.

Nothing here runs: each function gives SQL. Columns that come typed pay nothing for what text needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from kizuna.pipeline.capture import amounts, dates, reasons
from kizuna.pipeline.capture.amounts import LARGEST, Decimal
from kizuna.pipeline.capture.dates import DateOrder
from kizuna.pipeline.capture.sources import Source
from kizuna.pipeline.capture.text_files import LOST
from kizuna.pipeline.capture.zones import Zone
from kizuna.pipeline.engine import identifier, quoted

MISSING = ("", "null", "(null)", "none", "nan", "nat", "n/a", "na", "#n/a", "<na>", "nil", "-")
"""What files write where nothing is known."""
FIRST_DAY = "DATE '1970-01-02'"
REJECTS = "csv_rejects"
NUMBERS = ("amount", "quantity", "price")


@dataclass(frozen=True, slots=True)
class Plan:
    """How the rows of one source are to be read.

    Attributes
    ----------
    columns : part → column of this source.
    zone : in which days are cut.
    last_day : last day observed, or None for all up to today.
    today : rows beyond lie in the future.
    currency : of all amounts; `symbols` are the signs that they may carry.
    scale : minor units in one unit of the currency.
    blank_currency : rows without a currency are of `currency`.
    date_order, decimal : as decided over the whole column; None: not decided.

    """

    columns: dict[str, str]
    zone: Zone
    today: date
    last_day: date | None
    currency: str
    symbols: frozenset[str]
    scale: int
    blank_currency: bool = True
    date_order: DateOrder | None = None
    decimal: Decimal | None = None


def is_text(source: Source, column: str) -> bool:
    """Tell whether a column comes as text."""
    return source.types[column] == "VARCHAR"


def is_moment(source: Source, column: str) -> bool:
    """Tell whether a column comes as days or instants."""
    return source.types[column].startswith(("DATE", "TIMESTAMP"))


def rows(source: Source, columns: dict[str, str]) -> str:
    """SQL: `n` and the columns as they are, by part.

    `n` is the row from 1, for JSON Lines the line. A CSV is not numbered here, for numbering would
    bind the parser to one thread: the rows of the table made of it have their number (`loading`).
    """
    if source.kind == "jsonl":
        return _json_rows(source.readable, columns)
    scan = csv_scan(source) if source.kind == "csv" else parquet_scan(source)
    number = "NULL::BIGINT" if source.kind == "csv" else "file_row_number + 1"
    listed = ", ".join(f"{identifier(c)} AS {identifier(part)}" for part, c in columns.items())
    return f"SELECT {number} AS n, {listed} FROM {scan}"


def csv_scan(source: Source) -> str:
    """SQL: every column as text; lines that are no records go to the table `csv_rejects`."""
    columns = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in source.columns)
    return (
        f"read_csv([{quoted(str(source.readable))}], auto_detect = false, header = false, "
        f"skip = {source.header_lines}, delim = {quoted(source.delimiter)}, quote = '\"', "
        f"escape = '\"', columns = {{{columns}}}, store_rejects = true, rejects_limit = 0, "
        f"rejects_table = '{REJECTS}', rejects_scan = '{REJECTS}_scans')"
    )


def parquet_scan(source: Source) -> str:
    """SQL: the file with `file_row_number`."""
    return f"read_parquet([{quoted(str(source.readable))}], file_row_number = true)"


def lines(path: Path) -> str:
    """SQL: every physical line of a text file as (line, text); blank ones have text NULL."""
    scan = (
        f"read_csv([{quoted(str(path))}], auto_detect = false, header = false, "
        "delim = '\x01', quote = '', escape = '', columns = {'text': 'VARCHAR'}, "
        "strict_mode = false, null_padding = true, max_line_size = 16000000)"
    )
    return f"SELECT row_number() OVER () AS line, text FROM {scan}"


def typed(source: Source, number: int, plan: Plan) -> str:
    """SQL: one row for each row of the source, typed, with a `reason` where it is left out.

    Of a CSV without `n`.
    """
    relation = _named(source, plan)
    relation = _with_dates(relation, source, plan)
    for part in NUMBERS:
        if part in plan.columns and is_text(source, plan.columns[part]):
            relation = amounts.layers(relation, part, plan.decimal)
    money = f"SELECT *, {_minor(plan)} AS minor FROM ({relation})"
    row = "" if source.kind == "csv" else "n, "
    return (
        f"SELECT CAST({number} AS INTEGER) AS file_no, {row}customer_id, order_id, ordered_at, "
        f"ordered_on, minor, CAST({_reason(source, plan)} AS UTINYINT) AS reason FROM ({money})"
    )


def _json_rows(path: Path, parts: dict[str, str]) -> str:
    """SQL: values by key; a dotted name is a key inside an object, unless it is a key itself."""
    keys = [key for column in parts.values() for key in (_key(column), _key(*column.split(".")))]
    listed = ", ".join(map(quoted, keys))
    picked = ", ".join(
        f"coalesce(found[{2 * i + 1}], found[{2 * i + 2}]) AS {identifier(part)}"
        for i, part in enumerate(parts)
    )
    return (
        f"SELECT n, {picked} FROM (SELECT line AS n, CASE WHEN {is_object('text')} "
        f"THEN json_extract_string(text, [{listed}]) END AS found FROM ({lines(path)})) "
        "WHERE found IS NOT NULL"
    )


def is_object(text: str) -> str:
    """SQL: the text is one JSON object."""
    return f"(CASE WHEN json_valid({text}) THEN json_type({text}) = 'OBJECT' ELSE false END)"


def _key(*names: str) -> str:
    return "$" + "".join(f'."{name}"' for name in names)


def _named(source: Source, plan: Plan) -> str:
    """SQL: customer and order as text ids, NULL where missing; the other parts renamed."""
    columns = plan.columns
    order = id_text(source, columns["order"], '"order"') if "order" in columns else "NULL::VARCHAR"
    items = ["n", f"{id_text(source, columns['customer'], 'customer')} AS customer_id"]
    items += [f"{order} AS order_id", _date_item(source, columns["date"])]
    for part in NUMBERS:
        if part in columns:
            items += _number_items(source, part, columns[part])
    if "currency" in columns:
        items.append(f"{currency_code('currency')} AS currency")
    return f"SELECT {', '.join(items)} FROM ({rows(source, columns)})"


def id_text(source: Source, column: str, name: str) -> str:
    """SQL: an id as text; 17850.0, ' 17850' and １７８５０ are all 17850; mail in small letters."""
    kind = source.types[column]
    if kind in {"DOUBLE", "FLOAT"} or kind.startswith("DECIMAL"):
        whole = f"CAST(CAST({name} AS BIGINT) AS VARCHAR)"
        return (
            f"CASE WHEN isfinite(CAST({name} AS DOUBLE)) THEN CASE WHEN {name} = floor({name}) "
            f"THEN {whole} ELSE CAST({name} AS VARCHAR) END END"
        )
    return _text_id(name) if kind == "VARCHAR" else f"CAST({name} AS VARCHAR)"


def _text_id(name: str) -> str:
    narrow = (
        f"CASE WHEN strlen({name}) = length({name}) THEN trim({name}) "
        f"ELSE trim({_half_width(name)}) END"
    )
    odd = (
        f"contains({name}, '@') OR ends_with({name}, '.0') OR strlen({name}) <> length({name}) "
        f"OR {name}[1] IN (' ', E'\\t') OR {name}[-1] IN (' ', E'\\t')"
    )
    whole = f"regexp_replace({narrow}, '^([0-9]+)\\.0$', '\\1')"
    tidy = f"CASE WHEN contains({name}, '@') THEN lower({whole}) ELSE {whole} END"
    return f"CASE WHEN {is_missing(name)} THEN NULL WHEN {odd} THEN {tidy} ELSE {name} END"


def is_missing(name: str) -> str:
    """SQL: the text says that nothing is known."""
    words = ", ".join(map(quoted, MISSING))
    return f"(length({name}) <= 6 AND lower(trim({name})) IN ({words}))"


def _half_width(name: str) -> str:
    wide = "".join(map(chr, range(0xFF01, 0xFF5F))) + "\u3000\u00a0"
    narrow = "".join(map(chr, range(0x21, 0x7F))) + "  "
    return f"translate({name}, {quoted(wide)}, {quoted(narrow)})"


def _date_item(source: Source, column: str) -> str:
    if is_text(source, column):
        return f"CASE WHEN {is_missing('date')} THEN NULL ELSE date END AS date_text"
    return "date AS moment" if is_moment(source, column) else "CAST(date AS VARCHAR) AS date_text"


def _with_dates(relation: str, source: Source, plan: Plan) -> str:
    kind, zone = source.types[plan.columns["date"]], plan.zone
    if kind == "DATE":
        day, at = "moment", "NULL::TIMESTAMP"
    elif kind == "TIMESTAMP WITH TIME ZONE":
        at = "make_timestamp(epoch_us(moment))"
        day = f"CAST({zone.to_local(at)} AS DATE)"
    elif kind.startswith("TIMESTAMP"):
        day, at = "CAST(moment AS DATE)", zone.to_utc("CAST(moment AS TIMESTAMP)")
    else:
        return dates.layers(relation, plan.date_order, zone)
    return f"SELECT *, {day} AS ordered_on, {at} AS ordered_at FROM ({relation})"


def _number_items(source: Source, part: str, column: str) -> list[str]:
    if source.types[column] != "VARCHAR":
        return [f"CAST({part} AS DOUBLE) AS {part}"]
    missing = f"({part} IS NULL OR {is_missing(part)})"
    text = f"CASE WHEN NOT {is_missing(part)} THEN {part} END AS {part}"
    return [text, f"{missing} AS {part}_missing"]


def currency_code(name: str) -> str:
    """SQL: ISO code in capitals; signs become the code that they stand for."""
    signs = " ".join(f"WHEN {quoted(s)} THEN {quoted(c)}" for s, c in amounts.SYMBOLS.items())
    code = f"upper(trim(CAST({name} AS VARCHAR)))"
    return f"CASE {code} {signs} WHEN '' THEN NULL ELSE {code} END"


def _minor(plan: Plan) -> str:
    """SQL: amount in minor units, not yet rounded: lines of an order are summed first."""
    major = "amount" if "amount" in plan.columns else "quantity * price"
    return f"({major}) * {plan.scale}"


def _reason(source: Source, plan: Plan) -> str:
    """SQL: number of the first reason that holds, NULL for a row that is kept."""
    checks = [
        *_customer_checks(source, plan),
        *_date_checks(source, plan),
        *_amount_checks(source, plan),
    ]
    cases = " ".join(f"WHEN {sql} THEN {reasons.number(code)}" for code, sql in checks)
    return f"CASE {cases} END"


def _customer_checks(source: Source, plan: Plan) -> list[tuple[str, str]]:
    missing = [("missing_customer", "customer_id IS NULL")]
    lost = [("bad_encoding", f"contains(customer_id, '{LOST}')")]
    return missing + (lost if source.kind != "parquet" else [])


def _date_checks(source: Source, plan: Plan) -> list[tuple[str, str]]:
    moment = is_moment(source, plan.columns["date"])
    text = [] if moment else [("missing_date", "date_text IS NULL")]
    unread = "missing_date" if moment else "unreadable_date"
    checks = [*text, (unread, "ordered_on IS NULL")]
    checks.append(("implausible_date", f"ordered_on < {FIRST_DAY}"))
    checks.append(("future_date", f"ordered_on > DATE '{plan.today}'"))
    if plan.last_day is not None:
        checks.append(("after_as_of", f"ordered_on > DATE '{plan.last_day}'"))
    return checks


def _amount_checks(source: Source, plan: Plan) -> list[tuple[str, str]]:
    parts = [part for part in NUMBERS if part in plan.columns]
    texts = [part for part in parts if is_text(source, plan.columns[part])]
    missing = " OR ".join(f"{p}_missing" if p in texts else f"{p} IS NULL" for p in parts)
    unread = f"minor IS NULL OR NOT isfinite(minor) OR abs(minor) > {LARGEST}"
    checks = [("missing_amount", f"({missing})"), ("unreadable_amount", f"({unread})")]
    allowed = ", ".join(map(quoted, sorted(plan.symbols)))
    if plan.symbols:
        checks += [("other_currency", f"{p}_symbol NOT IN ({allowed})") for p in texts]
    if "currency" in plan.columns:
        blank = "" if plan.blank_currency else "currency IS NULL OR "
        checks.append(("other_currency", f"({blank}currency <> {quoted(plan.currency)})"))
    if "quantity" in parts:
        checks.append(("empty_return", "(quantity < 0 AND minor = 0)"))
    return checks
