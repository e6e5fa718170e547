"""What is published: the tables of one state, read at their versions; and the runs behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.db.models import QuerySet
from pyarrow.parquet import read_metadata, read_schema

from kizuna.jobs.refresh import NOT_PUBLISHED, SOURCE
from kizuna.jobs.resolution import MAP
from kizuna.pipeline.contracts import Column, Table
from kizuna.pipeline.fact_tables import OPTIONAL, TOLD
from kizuna.pipeline.standard_tables import STANDARD
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import TABLES
from kizuna.web.know.publications.checks import Check, checks_of, last_failed
from kizuna.web.know.publications.lineage import (
    Origin,
    ancestors_of,
    origin_of,
    readers_of,
    reads_of,
    sources_of,
    sql_of,
    uses_of,
)
from kizuna.web.know.publications.models import Publication, Status
from kizuna.web.know.publications.services import store

RUNS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Published:
    """The state of knowledge that everyone reads now."""

    publication: Publication

    @property
    def summary(self) -> Mapping[str, Any]:
        """The summary, its sentences not yet said in a language."""
        return self.publication.summary  # type: ignore[no-any-return]

    @property
    def currency(self) -> str:
        """Currency of every amount; XXX where none is known."""
        return str(self.summary.get("currency") or "XXX")

    @property
    def contracts_only(self) -> bool:
        """Whether there are contracts and no orders: what is made of purchases is empty."""
        return bool(self.summary.get("contracts_only"))

    def has(self, name: str) -> bool:
        """Whether a table was published, with all columns that it has by now.

        Right after an upgrade a table may lack some: it is made anew by the next run (`upgrades`).
        """
        version = self.publication.versions.get(name)
        return version is not None and not lacking(store().folder, name, version)

    def table(self, name: str) -> pa.Table:
        """Give a table of this state; small ones are kept in memory."""
        return _table(store().folder, name, self.publication.versions[name])

    def files(self, name: str) -> tuple[str, ...]:
        """List the Parquet files of a table, also of those that the run has read."""
        versions = self.publication.read_versions | self.publication.versions
        return _files(store().folder, name, versions[name])


@dataclass(frozen=True, slots=True)
class TableState:
    """A table as people read about it: its contract, and how it stands now."""

    table: Table
    rows: int | None
    version: int | None
    written_at: datetime | None
    seconds: float | None
    reads: Sequence[str]
    read_by: Sequence[str]
    sql: str
    fresh: bool | None


@dataclass(frozen=True, slots=True)
class TablePage:
    """All that the page of one table tells."""

    state: TableState
    checks: Sequence[Check]
    failed_run: Publication | None
    sources: Mapping[str, Sequence[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class ColumnPage:
    """A column: what it means, of what it is made down to what was brought in, and who uses it."""

    table: Table
    column: Column
    origin: Origin
    uses: Sequence[tuple[str, str]]


_held: ContextVar[list[Published | None] | None] = ContextVar("published", default=None)
"""What a request has asked for already: one entry, or none yet; None outside of requests."""


@contextmanager
def one_state() -> Iterator[None]:
    """See one state of knowledge until the end, though another is published meanwhile."""
    token = _held.set([])
    try:
        yield
    finally:
        _held.reset(token)


def published() -> Published | None:
    """Give the latest published state, within a request always the same; None before the first."""
    held = _held.get()
    if held is None:
        return _latest()
    if not held:
        held.append(_latest())
    return held[0]


def _latest() -> Published | None:
    done = Publication.objects.filter(status=Status.PUBLISHED)
    latest = done.order_by("-published_at", "-pk").first()
    return None if latest is None else Published(latest)


def runs() -> QuerySet[Publication]:
    """List the latest runs, without what they published."""
    known = Publication.objects.select_related("asked_by").defer("trace", "summary", "versions")
    return known.order_by("-asked_at", "-pk")[:RUNS_SHOWN]


def under_way() -> Publication | None:
    """Give the run that waits or runs."""
    open_ones = Publication.objects.filter(status__in=[Status.ASKED, Status.RUNNING])
    return open_ones.defer("trace", "summary").order_by("-asked_at").first()


def newer_sources(state: Published | None) -> list[str]:
    """Name what was brought in since the published figures were computed."""
    if state is None:
        return []
    tables, read = store(), state.publication.read_versions
    known = [name for name in (SOURCE, *STANDARD, MAP) if name in tables.names()]
    return [name for name in known if tables.changed_at(name) > read.get(name, -1)]


def table_page(state: Published | None, name: str) -> TablePage | None:
    """Tell all about one table; None where there is none of that name."""
    found = table_state(state, name)
    if found is None:
        return None
    failed = last_failed()
    checks = checks_of(found.table, failed.failed_checks if failed else [])
    about = failed if any(check.broken_rows is not None for check in checks) else None
    return TablePage(found, checks, about, sources_of(name))


def column_page(name: str, column: str) -> ColumnPage | None:
    """Tell where a column comes from; None where there is none of that name."""
    table = TABLES.get(name)
    found = [c for c in table.columns if c.name == column] if table else []
    if table is None or not found:
        return None
    return ColumnPage(table, found[0], origin_of(name, column), uses_of(name, column))


def table_states(state: Published | None) -> list[TableState]:
    """Describe every table that a publication holds, and its source."""
    newer = frozenset(newer_sources(state))
    steps = {step["step"]: step for step in state.publication.trace} if state else {}
    known = {"transactions", *STANDARD, *OPTIONAL, *_known(state)}
    names = [n for n in TABLES if n in known]
    return [_state(name, state, steps.get(name, {}), newer) for name in names]


def table_state(state: Published | None, name: str) -> TableState | None:
    """Describe one table; None where there is none of that name."""
    return next((found for found in table_states(state) if found.table.name == name), None)


def _known(state: Published | None) -> set[str]:
    if state is None:
        return set(TABLES) - NOT_PUBLISHED - TOLD
    return set(state.publication.versions)


def _state(
    name: str, state: Published | None, step: Mapping[str, Any], newer: frozenset[str]
) -> TableState:
    versions = state.publication.read_versions | state.publication.versions if state else {}
    return TableState(
        table=TABLES[name],
        rows=_rows(name, state, step),
        version=versions.get(name),
        written_at=state.publication.published_at if state and name in versions else None,
        seconds=step.get("seconds"),
        reads=[read for read in reads_of(name) if read not in NOT_PUBLISHED],
        read_by=[reader for reader in readers_of(name) if reader not in NOT_PUBLISHED],
        sql=sql_of(name),
        fresh=newer.isdisjoint({name, *ancestors_of(name)}) if name in versions else None,
    )


def _rows(name: str, state: Published | None, step: Mapping[str, Any]) -> int | None:
    if "rows" in step:
        return int(step["rows"])
    if state is None or name not in state.publication.read_versions:
        return None
    return _rows_in(state.files(name))


@lru_cache(maxsize=128)
def _rows_in(files: tuple[str, ...]) -> int:
    """Count the rows of a table that was brought in, by what its files say of themselves."""
    return sum(read_metadata(file).num_rows for file in files)


@lru_cache(maxsize=512)
def lacking(folder: Path, name: str, version: int) -> tuple[str, ...]:
    """Name the columns that the contract of a table has, and a version of it has not."""
    files = _files(folder, name, version)
    contract = TABLES.get(name)
    there = set(read_schema(files[0]).names) if files else None
    if contract is None or there is None:
        return ()
    return tuple(c for c in contract.column_names if c not in there)


@lru_cache(maxsize=128)
def _table(folder: Path, name: str, version: int) -> pa.Table:
    return Store(folder).read(name, version)


@lru_cache(maxsize=128)
def _files(folder: Path, name: str, version: int) -> tuple[str, ...]:
    return Store(folder).files(name, version)
