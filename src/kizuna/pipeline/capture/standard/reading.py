"""From a file to the typed rows of a standard table, with a reason where one is left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from kizuna.pipeline.capture import amounts, decisions, sources, staging
from kizuna.pipeline.capture.amounts import NO_CURRENCY
from kizuna.pipeline.capture.dates import DateOrder
from kizuna.pipeline.capture.loading import Malformed, load_into
from kizuna.pipeline.capture.notes import Note
from kizuna.pipeline.capture.orders import in_file_order
from kizuna.pipeline.capture.records import NEWLINE_IN_FIELD
from kizuna.pipeline.capture.sources import Source
from kizuna.pipeline.capture.standard import guess, places, values
from kizuna.pipeline.capture.standard.guess import CONSTANT, is_constant
from kizuna.pipeline.capture.standard.specs import COLUMNS, NOT_BEGUN, SPECS, Part, Spec
from kizuna.pipeline.capture.standard.values import Reading
from kizuna.pipeline.capture.text_files import LOST
from kizuna.pipeline.capture.zones import Zone
from kizuna.pipeline.engine import Engine, identifier, quoted
from kizuna.pipeline.errors import InputError

RAW, ROWS = "record_texts", "record_rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsRead:
    """What was read.

    Attributes
    ----------
    columns : part → column, or '=value' of every row.
    mapped : columns of the table that the file says something about.
    currency : of amounts without one of their own; '' where the table has none.

    """

    spec: Spec
    source: Source
    malformed: Malformed
    rows_read: int
    columns: dict[str, str]
    mapped: tuple[str, ...]
    currency: str
    notes: tuple[Note, ...]


def read(
    engine: Engine,
    path: Path,
    table: str,
    folder: Path,
    *,
    given: Mapping[str, str],
    date_order: DateOrder | None,
    currency: str | None,
    usual_currency: str,
    may_only_change: bool,
    zone: Zone,
    today: date,
) -> RecordsRead:
    """Read a file into `record_rows`: n, the columns of the table, `reason` and `part`.

    Parameters
    ----------
    folder : where copies of the file may be made.
    currency : of amounts without a column for it; None: as signs say, else `usual_currency`.
    may_only_change : records are there: a file that names them need not say what a new one needs.

    Raises
    ------
    InputError
        When the file cannot be used; the message says why and what to do.

    """
    spec, (files, _) = SPECS[table], sources.find([path])
    source = sources.recognise(files[0], engine, folder)
    columns = guess.attempt(spec, source.columns, given)
    lacking = guess.problem(spec, columns, source.columns)
    if lacking and not (may_only_change and spec.key in columns):
        raise InputError(lacking)
    source, malformed = _load(engine, spec, source, columns, folder)
    rows = engine.count(RAW)
    if not rows + len(malformed):
        raise InputError(f"{path}: there is no row below the header")
    code, notes = _currency(engine, spec, source, columns, currency, usual_currency)
    reading, more = _decided(engine, spec, source, columns, code, date_order, zone, today)
    engine.function(values.FOLDED, _plain)
    engine.create(ROWS, _typed(spec, reading, code))
    engine.drop(RAW)
    return RecordsRead(
        spec=spec,
        source=source,
        malformed=malformed,
        rows_read=rows + len(malformed),
        columns=columns,
        mapped=_mapped(spec, columns),
        currency=code,
        notes=(*_encoding(source), *notes, *more),
    )


def _plain(texts: pa.ChunkedArray) -> pa.Array:
    return pc.utf8_normalize(texts, form="NFKC")


def _load(
    engine: Engine, spec: Spec, source: Source, columns: dict[str, str], folder: Path
) -> tuple[Source, Malformed]:
    """Make `record_texts`: n, and every part as text."""
    table = f"{RAW}_as_read"
    named = {part: column for part, column in columns.items() if not is_constant(column)}
    with in_file_order(engine):
        source, malformed = load_into(engine, table, source, _texts(spec, named, columns), folder)
    n = "rowid + 1" if source.kind == "csv" else "n"
    engine.view(RAW, f"SELECT {n} AS n, * EXCLUDE (n) FROM {table}")
    return source, malformed


def _texts(spec: Spec, named: dict[str, str], columns: dict[str, str]) -> Callable[[Source], str]:
    """SQL: the parts of the file and the constants, each as text."""
    constants = {p: c.removeprefix(CONSTANT) for p, c in columns.items() if is_constant(c)}
    defaults = {p.name: p.default for p in spec.parts if p.default and p.name not in columns}
    fixed = [f"{quoted(v)} AS {identifier(p)}" for p, v in (constants | defaults).items()]

    def select(source: Source) -> str:
        read = [f"{_as_text(spec, source, p, c)} AS {identifier(p)}" for p, c in named.items()]
        listed = ", ".join(["n", *read, *fixed])
        return f"SELECT {listed} FROM ({staging.rows(source, named)})"

    return select


def _as_text(spec: Spec, source: Source, part: str, column: str) -> str:
    name = identifier(part)
    if source.broken is not None:
        name = f"replace({name}, '{NEWLINE_IN_FIELD}', chr(10))"
    if part in spec.by_name and spec.by_name[part].kind == "id":
        return staging.id_text(source, column, name)
    return name if staging.is_text(source, column) else f"CAST({name} AS VARCHAR)"


def _currency(
    engine: Engine,
    spec: Spec,
    source: Source,
    columns: dict[str, str],
    wanted: str | None,
    usual: str,
) -> tuple[str, list[Note]]:
    """Settle on the currency of amounts that name none."""
    money = columns.get("amount")
    if "currency" not in spec.by_name or money is None:
        return "", []
    if wanted is not None:
        amounts.decimals(wanted)
        return wanted, []
    if is_constant(money) or "currency" in columns:
        return usual, []
    code, _, notes = decisions.currency(engine, [source], [{"amount": money}], None)
    return (usual, []) if code == NO_CURRENCY else (code, notes)


def _decided(
    engine: Engine,
    spec: Spec,
    source: Source,
    columns: dict[str, str],
    code: str,
    date_order: DateOrder | None,
    zone: Zone,
    today: date,
) -> tuple[Reading, list[Note]]:
    """Decide for each column of dates and numbers what only the whole column can tell."""
    notes: list[Note] = []
    reading = Reading(columns, zone, today.isoformat(), _scales(engine, columns, code))
    plan = staging.Plan({}, zone, today, None, code or "XXX", frozenset(), 1)
    plan = replace(plan, date_order=date_order)
    for part in _of_kind(spec, columns, ("day", "moment")):
        found, said = decisions.dates_of(engine, source, plan, columns[part.name])
        notes += said
        if found is not None:
            reading.date_orders[part.name] = found
    for part in _of_kind(spec, columns, ("whole", "number", "money")):
        sign, said = decisions.numbers_of(engine, source, plan, columns[part.name])
        notes += said
        if sign is not None:
            reading.decimals[part.name] = sign
    return reading, notes


def _of_kind(spec: Spec, columns: dict[str, str], kinds: Sequence[str]) -> list[Part]:
    named = {part for part, column in columns.items() if not is_constant(column)}
    return [part for part in spec.parts if part.kind in kinds and part.name in named]


def _scales(engine: Engine, columns: dict[str, str], code: str) -> str:
    """SQL: minor units in one unit of the row's currency."""
    usual = _units(code) if code else 1
    if "currency" not in columns:
        return str(usual)
    found = engine.query(f"SELECT DISTINCT {staging.currency_code('currency')} AS c FROM {RAW}")
    codes = sorted({c for c in found["c"].to_pylist() if c and _is_currency(c)})
    text = staging.currency_code("currency")
    cases = " ".join(f"WHEN {quoted(c)} THEN {_units(c)}" for c in codes)
    return f"CASE {text} {cases} ELSE {usual} END" if cases else str(usual)


def _units(code: str) -> int:
    decimals: int = 2 if code == NO_CURRENCY else amounts.decimals(code)
    return int(10**decimals)


def _is_currency(code: str) -> bool:
    try:
        amounts.decimals(code)
    except InputError:
        return False
    return True


def _typed(spec: Spec, reading: Reading, code: str) -> str:
    """SQL: `record_rows`; the currency is typed last, for amounts look at it as it is written."""
    parts = [part for part in spec.parts if part.name in reading.columns or part.default]
    parts.sort(key=lambda part: (part.kind == "currency", part.kind != "country"))
    extras = [part for part in reading.columns if part not in spec.by_name]
    relation = f"SELECT * FROM {RAW}"
    for part in parts:
        relation = values.layer(relation, part, reading)
    for extra in extras:
        name = identifier(extra)
        relation = f"SELECT * REPLACE ({values.present(name)} AS {name}) FROM ({relation})"
    made = _made(spec, [part.name for part in parts], extras, code)
    there = {part.name for part in parts} | set(made)
    listed = ", ".join(
        f"CAST({made.get(c.name, identifier(c.name) if c.name in there else 'NULL')} AS {c.type}) "
        f"AS {identifier(c.name)}"
        for c in COLUMNS[spec.table]
    )
    return f"SELECT n, {listed}, {_reason(parts)} FROM ({relation})"


def _made(spec: Spec, parts: Sequence[str], extras: Sequence[str], code: str) -> dict[str, str]:
    """SQL of the columns that come from others."""
    made = dict[str, str]()
    if "address" in parts:
        for column, sql in (("region", places.prefecture_of), ("city", places.rest_of)):
            own = f"{column}, " if column in parts else ""
            made[column] = f"coalesce({own}{sql('address')})"
    if code:
        own = "currency, " if "currency" in parts else ""
        made["currency"] = f"coalesce({own}{quoted(code)})"
    if "until_on" in {part.name for part in spec.parts}:
        own = "until_on, " if "until_on" in parts else ""
        months = "bool_and(day(from_on) = 1) OVER ()"
        made["until_on"] = f"coalesce({own}CASE WHEN {months} THEN last_day(from_on) END, from_on)"
    if "trial_until" in parts and "started_on" in parts:
        made["started_on"] = "coalesce(trial_until, started_on)"
    if {"billing_status", "cancelled_on"} <= set(parts):
        own = "ended_on, " if "ended_on" in parts else ""
        made["ended_on"] = (
            f"coalesce({own}CASE WHEN billing_status = 'ended' THEN cancelled_on END)"
        )
    if extras:
        made[spec.extra] = _kept(spec, extras, spec.extra in parts)
    return made


def _kept(spec: Spec, extras: Sequence[str], has_own: bool) -> str:
    """SQL: the other columns as one JSON object, without those that are empty."""
    pairs = ", ".join(
        f"{quoted(extra.removeprefix(f'{spec.extra}.'))}, {identifier(extra)}" for extra in extras
    )
    own = f"coalesce({spec.extra}, '{{}}')" if has_own else "'{}'"
    return f"nullif(CAST(json_merge_patch({own}, json_object({pairs})) AS VARCHAR), '{{}}')"


def _reason(parts: Sequence[Part]) -> str:
    """SQL: why the row is left out, and for which part."""
    lost = [p for p in parts if p.kind in {"id", "name", "email"}]
    bad = [(f"contains(CAST({identifier(p.name)} AS VARCHAR), '{LOST}')", p) for p in lost]
    encoding = " ".join(f"WHEN {sql} THEN 'bad_encoding'" for sql, _ in bad)
    encoded = " ".join(f"WHEN {sql} THEN {quoted(p.name)}" for sql, p in bad)
    flags = [(identifier(f"{p.name}__bad"), p.name) for p in parts]
    first = ", ".join(flag for flag, _ in flags)
    which = " ".join(f"WHEN {flag} IS NOT NULL THEN {quoted(name)}" for flag, name in flags)
    unread = f"coalesce({first}, {_not_begun([p.name for p in parts])})"
    reason = f"CASE {encoding} ELSE {unread} END" if bad else unread
    return f"{reason} AS reason, CASE {encoded} {which} END AS part"


def _not_begun(parts: Sequence[str]) -> str:
    """SQL: the reason where a contract was not paid for yet, or ended within its trial."""
    tests = [f"billing_status = '{NOT_BEGUN}'"] if "billing_status" in parts else []
    tests += ["ended_on <= trial_until"] if {"ended_on", "trial_until"} <= set(parts) else []
    return f"CASE WHEN {' OR '.join(tests)} THEN '{NOT_BEGUN}' END" if tests else "NULL"


def _mapped(spec: Spec, columns: dict[str, str]) -> tuple[str, ...]:
    names = set(columns)
    names |= {"region", "city"} if "address" in columns else set()
    names |= {"currency"} if "amount" in columns else set()
    names |= {"until_on"} if "from_on" in columns else set()
    names |= {"ended_on"} if {"billing_status", "cancelled_on"} <= set(columns) else set()
    names |= {spec.extra} if names - set(spec.by_name) and spec.extra else set()
    return tuple(c.name for c in COLUMNS[spec.table] if c.name in names)


def _encoding(source: Source) -> list[Note]:
    if source.encoding in {"utf-8", "xlsx"}:
        return []
    return [Note("encoding", {"file": source.path.name, "encoding": source.encoding})]
