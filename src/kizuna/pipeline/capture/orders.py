"""From files of orders to a clean table `transactions`: nothing lost, nothing silent.

`read_orders` reads a whole log and leaves two tables in the engine: `transactions` (see
`pipeline/tables.py`) and `rejected` (file, line, reason, explanation, raw). Every row read is in
one or behind the other; the rules are in docs/import.md. `read_part` reads one more file of a log.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

from kizuna.pipeline.capture import (
    amounts,
    checks,
    columns,
    decisions,
    rejected,
    sources,
    staging,
)
from kizuna.pipeline.capture import transactions as clean
from kizuna.pipeline.capture.columns import Guess
from kizuna.pipeline.capture.dates import DateOrder
from kizuna.pipeline.capture.notes import Note
from kizuna.pipeline.capture.sources import Source
from kizuna.pipeline.capture.staged import Staged, stage
from kizuna.pipeline.capture.staging import Plan
from kizuna.pipeline.capture.zones import Zone
from kizuna.pipeline.engine import Engine, quoted
from kizuna.pipeline.errors import InputError

type Progress = Callable[[str, int, int], None]
"""Told before each file: its name, its number from 1, how many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSources:
    """Files of orders, and what a person says about their columns; None: guess.

    Attributes
    ----------
    paths : files and globs.
    customer, date, amount, order, currency, quantity, price : names of columns.
    date_order : which comes first in 03/04/2026.

    """

    paths: Sequence[Path | str]
    customer: str | None = None
    date: str | None = None
    amount: str | None = None
    order: str | None = None
    currency: str | None = None
    quantity: str | None = None
    price: str | None = None
    date_order: DateOrder | None = None

    @property
    def given(self) -> dict[str, str | None]:
        """Part → column named."""
        return {part: getattr(self, part) for part in columns.SYNONYMS}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersRead:
    """What was read.

    Attributes
    ----------
    rows_read, rows_accepted : rows of the files; a row is a line of the order log.
    rejected : reason → rows left out. rows_read = rows_accepted + all of these.
    columns : part (customer, date, amount or quantity and price, order, currency) → column.
    currency : of all amounts; 'XXX' where none is known.
    first_day, last_day : of the rows accepted.
    files : as read, in order.
    notes : what a person should know about how the rows were read.

    """

    rows_read: int
    rows_accepted: int
    rejected: dict[str, int]
    columns: dict[str, str]
    currency: str
    timezone: str
    first_day: date
    last_day: date
    files: tuple[Path, ...]
    notes: tuple[Note, ...]


def read_orders(
    engine: Engine,
    orders: OrderSources,
    *,
    today: date,
    as_of: date | None = None,
    timezone: str = "UTC",
    currency: str | None = None,
    on_progress: Progress | None = None,
) -> OrdersRead:
    """Read files of orders into the tables `transactions` and `rejected`.

    Parameters
    ----------
    today : orders dated later are left out as errors.
    as_of : orders dated later are set aside; None: none is.
    timezone : of times without a zone, and in which days are cut.
    currency : ISO 4217; orders in another are left out. None: the only one there is.

    Raises
    ------
    InputError
        When the files cannot be used; the message says why and what to do.

    """
    rules = partial(_plan, zone=Zone(timezone), today=today, last_day=as_of)
    with _staged(engine, orders, currency, rules, on_progress) as (staged, plan, notes):
        checks.check(engine, staged, plan)
        late = clean.make(engine, staged, plan)
        return _told(engine, staged, plan, notes, sum(late.values()))


def read_part(
    engine: Engine,
    orders: OrderSources,
    *,
    today: date,
    log: str,
    timezone: str = "UTC",
    currency: str | None = None,
) -> OrdersRead:
    """Read one file that is a part of a log into the tables `orders` and `rejected`.

    It may hold a single customer, or nothing but returns: those are not booked, for their
    purchases may stand in another part. An order without a number is named by `log` and its row.
    """
    rules = partial(_plan, zone=Zone(timezone), today=today, last_day=None)
    with _staged(engine, orders, currency, rules, None) as (staged, plan, notes):
        checks.check_rows(engine, staged, plan)
        clean.make_orders(engine, staged, plan, f"concat({quoted(log)}, ':', n)")
        return _told(engine, staged, plan, notes, late=0)


@contextmanager
def _staged(
    engine: Engine,
    orders: OrderSources,
    currency: str | None,
    rules: Callable[[OrderSources, dict[str, str], str, bool], Plan],
    on_progress: Progress | None,
) -> Iterator[tuple[Staged, Plan, list[Note]]]:
    """Put the typed rows of all files into the engine, while copies that they need are there."""
    with tempfile.TemporaryDirectory(prefix="kizuna-") as folder, in_file_order(engine):
        found, notes = _recognised(engine, orders, Path(folder))
        guess, parts = _guessed(engine, found, orders)
        code, blank, money_notes = decisions.currency(engine, found, parts, currency)
        plan = rules(orders, parts[0], code, blank)
        plans = [replace(plan, columns=columns) for columns in parts]
        staged = stage(engine, found, plans, Path(folder), on_progress)
        yield staged, plan, [*notes, *_guess_notes(guess), *money_notes]


def _plan(
    orders: OrderSources,
    columns: dict[str, str],
    code: str,
    blank: bool,
    *,
    zone: Zone,
    today: date,
    last_day: date | None,
) -> Plan:
    known = code != amounts.NO_CURRENCY
    return Plan(
        columns=columns,
        zone=zone,
        today=today,
        last_day=last_day,
        currency=code,
        symbols=amounts.written_as(code) if known else frozenset(),
        scale=10 ** (amounts.decimals(code) if known else 2),
        blank_currency=blank,
        date_order=orders.date_order,
    )


@contextmanager
def in_file_order(engine: Engine) -> Iterator[None]:
    """Keep rows in the order of the file while they are numbered."""
    kept = engine.query("SELECT current_setting('preserve_insertion_order') AS kept")["kept"][0]
    engine.connection.execute("SET preserve_insertion_order = true")
    try:
        yield
    finally:
        engine.connection.execute(f"SET preserve_insertion_order = {kept}")


def _recognised(
    engine: Engine, orders: OrderSources, folder: Path
) -> tuple[list[Source], list[Note]]:
    files, copies = sources.find(orders.paths)
    found = [sources.recognise(file, engine, folder) for file in files]
    notes = [Note("same_file", {"file": str(copy)}) for copy in copies]
    odd = [s for s in found if s.encoding not in {"utf-8", "xlsx"}]
    notes += [Note("encoding", {"file": s.path.name, "encoding": s.encoding}) for s in odd]
    return found, notes


def _guessed(
    engine: Engine, found: list[Source], orders: OrderSources
) -> tuple[Guess, list[dict[str, str]]]:
    """Guess on the first file; all others must have the same columns."""
    first = found[0]
    guess = columns.guess(
        first.columns, orders.given, first.sample, lambda keys: one_to_one(engine, first, keys)
    )
    return guess, [_columns_of(source, guess) for source in found]


def _columns_of(source: Source, guess: Guess) -> dict[str, str]:
    try:
        return {p: columns.named(p, name, source.columns) for p, name in guess.columns.items()}
    except InputError as error:
        raise InputError(f"{source.path}: {error}; all files need the same columns") from error


def one_to_one(engine: Engine, source: Source, keys: Sequence[str]) -> bool:
    """Tell whether keys name the same customers, each in its way."""
    names = {f"key_{i}": key for i, key in enumerate(keys)}
    counts = ", ".join(f"count(DISTINCT {name})" for name in names)
    sql = f"SELECT [{counts}, count(DISTINCT ({', '.join(names)}))] AS counts "
    found = engine.query(f"{sql} FROM ({staging.rows(source, names)})").to_pylist()[0]
    return len(set(found["counts"])) == 1


def _guess_notes(guess: Guess) -> list[Note]:
    notes = [
        Note("other_columns", {"part": p, "column": guess.columns[p], "others": ", ".join(others)})
        for p, others in guess.others.items()
    ]
    return notes + ([Note("status_ignored", {"column": guess.status})] if guess.status else [])


def _told(engine: Engine, staged: Staged, plan: Plan, notes: list[Note], late: int) -> OrdersRead:
    """Make the table `rejected`, and say what was read; `late` rows were left out at the end."""
    counts = rejected.make(engine, staged)
    first, last = staged.first_day, staged.last_day
    assert first is not None
    assert last is not None
    return OrdersRead(
        rows_read=staged.rows_read,
        rows_accepted=staged.accepted - late,
        rejected=counts,
        columns=plan.columns,
        currency=plan.currency,
        timezone=plan.zone.name,
        first_day=first,
        last_day=last,
        files=tuple(source.path for source in staged.sources),
        notes=(*notes, *staged.notes),
    )
