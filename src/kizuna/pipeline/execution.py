"""Steps at work: several at a time, each beside the others on a connection of its own.

What a table holds does not depend on it: a step reads whole tables that are there and no longer
change, and those that several functions read are put in order once. Writing a table to the store
keeps nobody waiting who reads it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from operator import itemgetter
from threading import Lock
from typing import TYPE_CHECKING, Literal

import pyarrow as pa

from kizuna.pipeline import contracts
from kizuna.pipeline.contracts import Table
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.fact_tables import TOLD
from kizuna.pipeline.lineage import is_grouped_by
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.side_by_side import one_by_one, side_by_side
from kizuna.pipeline.steps import Step
from kizuna.pipeline.tables import TABLES

if TYPE_CHECKING:
    from kizuna.pipeline.store import Store

AT_ONCE = {"make": 3, "keep": 2}
"""Tables made and written at a time, where there is more than one thread.

Each also uses those of the engine, and what waits for the disk needs none.
"""
LARGE = 100_000
"""Rows from which on a table that nobody reads any more is looked up where it was written."""

type Job = tuple[Literal["make", "keep"], str]


@dataclass(frozen=True, slots=True)
class StepTrace:
    """What one step did: the table it wrote, its rows, the seconds it took, the tables it read.

    `version` is that of the table in the store, where the run had one to write to.
    """

    step: str
    rows: int
    seconds: float
    reads: tuple[str, ...]
    version: int | None = None

    @property
    def writes(self) -> str:
        return self.step


@dataclass(frozen=True, slots=True)
class Trace:
    """What a run did, step by step in an order in which they could have been, and what it read.

    Steps are done side by side: their seconds together are more than those that passed.
    """

    steps: tuple[StepTrace, ...]
    versions_read: Mapping[str, int] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        return sum(step.seconds for step in self.steps)

    def rows(self, name: str) -> int:
        """Count the rows of the table that a step of this run made."""
        return next(step.rows for step in self.steps if step.step == name)


type Progress = Callable[[StepTrace, int, int], None]
"""Told after each step: what it did, its number from 1, how many there are."""


@dataclass(frozen=True, slots=True)
class _Made:
    trace: StepTrace
    data: pa.Table | None = None


class Execution:
    """Steps in an order in which they could be done, and what has become of them.

    `runs` gives the values of the run that each step belongs to.
    """

    def __init__(
        self,
        ordered: Sequence[Step],
        runs: Mapping[str, Run],
        engine: Engine,
        store: Store | None,
        on_progress: Progress | None,
    ) -> None:
        self.steps = {step.name: step for step in ordered}
        self.told = [step.name for step in ordered if not step.aside]
        self.runs, self.engine, self.store, self.on_progress = runs, engine, store, on_progress
        self.alone = engine.threads == 1
        self.readers = Counter(name for step in ordered for name in step.reads)
        self.traces: dict[str, StepTrace] = {}
        self.read_back: set[str] = set()
        self.done = 0
        self.idle: list[Engine] = []
        self.told_run: dict[Engine, Run] = {}
        self.tables = _Ordered(ordered)

    def execute(self) -> tuple[StepTrace, ...]:
        """Do them all; give what each did, in the order given."""
        for name in self.engine.names().intersection(self.steps):
            self.engine.drop(name)  # of an earlier run, or it would hide what is made now
        jobs = self._jobs()
        if self.alone:
            one_by_one(jobs, self._do, self._end)
        else:
            made = min(AT_ONCE["make"], self.engine.threads)
            threads, lane = AT_ONCE | {"make": made}, itemgetter(0)
            try:
                side_by_side(jobs, self._do, self._end, threads=threads, lane=lane, cost=self._cost)
            finally:
                for engine in self.idle:
                    engine.close()
        return tuple(self.traces[name] for name in self.told)

    def _jobs(self) -> dict[Job, list[Job]]:
        jobs: dict[Job, list[Job]] = {}
        for name, step in self.steps.items():
            jobs["make", name] = [("make", read) for read in step.reads if read in self.steps]
            if self.store and not step.aside:
                jobs["keep", name] = [("make", name)]
        return jobs

    def _cost(self, job: Job) -> float:
        """Guess how long a job takes: SQL has all threads, a function has one."""
        what, name = job
        if what == "keep" or self.steps[name].sql is not None:
            return 1.0
        return 2.0 if self.steps[name].work is None else 5.0

    def _do(self, job: Job) -> _Made:
        """Do one job, in any thread."""
        what, name = job
        start = time.perf_counter()
        with self._beside(name) as engine:
            made = self._keep(name, engine) if what == "keep" else self._make(name, engine)
        seconds = made.trace.seconds + time.perf_counter() - start
        return _Made(replace(made.trace, seconds=seconds), made.data)

    @contextmanager
    def _beside(self, name: str) -> Iterator[Engine]:
        """Lend an engine that nobody else has meanwhile, with the tables as they are now."""
        if self.alone:
            self._tell(self.engine, self.runs[name])
            yield self.engine
            return
        try:
            engine = self.idle.pop()
        except IndexError:
            engine = self.engine.beside()
        try:
            step = self.steps[name]
            wanted = None if step.work else {name, *step.reads}
            engine.follow(self.engine, but=TOLD, wanted=wanted)
            self._tell(engine, self.runs[name])
            yield engine
        finally:
            self.idle.append(engine)

    def _tell(self, engine: Engine, run: Run) -> None:
        """Tell an engine the values of a run, unless it was told these last."""
        if self.told_run.get(engine) is not run:
            tell(engine, run)
            self.told_run[engine] = run

    def _make(self, name: str, engine: Engine) -> _Made:
        step, data = self.steps[name], None
        if step.sql is not None:
            engine.create(name, step.sql)
        elif step.function is not None:
            tables = [self.tables.give(read, engine) for read in step.reads]
            data = step.function(*tables, run=self.runs[name])
        elif step.work is not None:
            data = step.work(engine)
            self.told_run.pop(engine, None)  # work may have told it another
        if data is not None:
            engine.register(name, data)
        rows = 0 if step.aside else _checked_rows(step, engine, data)
        return _Made(StepTrace(name, rows, 0.0, step.reads), data)

    def _keep(self, name: str, engine: Engine) -> _Made:
        assert self.store is not None
        version = self.store.write(name, engine.batches(name))
        return _Made(replace(self.traces[name], version=version))

    def _end(self, job: Job, made: _Made) -> None:
        """Let others know, in the thread of old."""
        what, name = job
        step, self.traces[name] = self.steps[name], made.trace
        if what == "make":
            if made.data is not None:
                self.engine.register(name, made.data)
            self.tables.let_go(step)
            self.readers.subtract(step.reads)
        for done in (name, *step.reads):
            self._let_go(done)
        if not step.aside and (what == "keep") == (self.store is not None):
            self.done += 1
            if self.on_progress is not None:
                self.on_progress(made.trace, self.done, len(self.told))

    def _let_go(self, name: str) -> None:
        """Read a large table from where it was written, once no step needs it."""
        trace = self.traces.get(name)
        if self.store is None or trace is None or trace.version is None:
            return
        if trace.rows >= LARGE and not self.readers[name] and name not in self.read_back:
            self.read_back.add(name)
            self.store.register(self.engine, name, trace.version)


def tell(engine: Engine, run: Run) -> None:
    """Tell the values of a run in the tables that SQL reads them from."""
    engine.register("run", run.table())
    engine.register("fact_days", run.fact_table())


class _Ordered:
    """Tables in the order of their grain, for functions: made once, kept while anyone needs them.

    Sums of the same rows must come out the same every time.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        functions = [step for step in steps if step.function is not None]
        self.readers = Counter(name for step in functions for name in step.reads)
        self.tables: dict[str, pa.Table] = {}
        self.locks = {name: Lock() for name in self.readers}

    def give(self, name: str, engine: Engine) -> pa.Table:
        """Give a table to a function."""
        if name in TOLD:
            return engine.table(name)
        with self.locks[name]:
            if name not in self.tables:
                grain = TABLES[name].grain if name in TABLES else ()
                self.tables[name] = slim(engine.table(name, order_by=grain))
            return self.tables[name]

    def let_go(self, step: Step) -> None:
        """Forget what only this step still needed."""
        if step.function is None:
            return
        self.readers.subtract(step.reads)
        for name in step.reads:
            if not self.readers[name]:
                self.tables.pop(name, None)


def slim(table: pa.Table) -> pa.Table:
    """Let columns of which nothing is known share their memory: of many facts nobody has any."""
    rows, nothing = table.num_rows, dict[pa.DataType, pa.Array]()
    for k, column in enumerate(table.schema):
        if rows and table.column(k).null_count == rows:
            if column.type not in nothing:
                nothing[column.type] = pa.nulls(rows, column.type)
            table = table.set_column(k, column, nothing[column.type])
    return table


def _checked_rows(step: Step, engine: Engine, data: pa.Table | None = None) -> int:
    """Hold the result to its contract and count it; `data` is the result where it is at hand.

    Of few rows it is fetched: a question in SQL takes longer to be understood than answered.
    """
    table = TABLES.get(step.name)
    rows = engine.count(step.name) if data is None else data.num_rows
    if table is not None and rows <= contracts.FEW:
        contracts.check(table, engine.table(step.name) if data is None else data)
    elif table is not None:
        contracts.check_schema(table, engine.schema(step.name))
        _check_rows(step, table, engine)
    return rows


def _check_rows(step: Step, table: Table, engine: Engine) -> None:
    """Hold rows to the contract; that no two share a grain grouped by in SQL is sure."""
    proved = step.sql is not None and is_grouped_by(step.sql, table.grain)
    if engine.query(contracts.broken_sql(table, unique=not proved))["broken"][0].as_py():
        sql = contracts.violations_sql(table, unique=not proved)
        counts: dict[str, int] = engine.query(sql).to_pylist()[0]
        del counts[contracts.ROWS]
        contracts.report(table, {rule: count for rule, count in counts.items() if count})
