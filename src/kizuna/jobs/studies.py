"""What is found out of models beside the tables: by steps of the same run, done where they fit in.

A back-test cuts the history at days of its own and makes the tables of these days: each has an
engine of its own, to which the days are given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from kizuna.jobs import accuracy, movement
from kizuna.jobs.cuts import DAYS
from kizuna.jobs.evidence import Evidence, gather
from kizuna.jobs.options import ValueOptions
from kizuna.jobs.portfolios import total_of
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.run import Run
from kizuna.pipeline.steps import Step
from kizuna.pipeline.tables import arrow_schema

if TYPE_CHECKING:
    from kizuna.clv.portfolio import Portfolio

CHOICE = "clv_choice"
MODELS = ("clv_inputs", "clv_model")
MOVED = ("clv_model", "clv_scores", "purchases", "returns", "valued_customers", movement.BEFORE)


@dataclass(slots=True, eq=False)
class Studies:
    """What the steps found; each is there once they are done.

    `days` are the tables that every cut begins with.
    """

    options: ValueOptions
    run: Run
    first_day: date
    days: Mapping[str, pa.Table]
    evidence: Evidence | None = None
    total: Portfolio | None = None
    past: list[dict[str, Any]] = field(default_factory=list)
    moved: dict[str, pa.Table] = field(default_factory=dict)
    ahead: dict[int, dict[str, Any]] = field(default_factory=dict)

    def steps(self, *, logged: bool) -> tuple[Step, ...]:
        """Give the steps; those that only the log of forecasts needs where one is kept."""
        steps = (
            Step(CHOICE, DAYS, work=self._choose),
            Step(movement.BEFORE, DAYS, work=self._remember, aside=True),
            Step("movement", MOVED, work=self._move, aside=True),
            Step("total", MODELS, function=self._sum, aside=True),
        )
        return (*steps, *self._log()) if logged else steps

    def _log(self) -> Iterator[Step]:
        yield Step("past_again", (*DAYS, CHOICE), work=self._again, aside=True)
        for days in accuracy.LOGGED_DAYS:
            yield Step(f"ahead_{days}", MODELS, function=partial(self._ahead, days), aside=True)

    def known(self) -> Evidence:
        """Give what the back-test found."""
        assert self.evidence is not None
        return self.evidence

    @contextmanager
    def _apart(self) -> Iterator[Engine]:
        with Engine() as engine:
            for name, table in self.days.items():
                engine.register(name, table)
            yield engine

    def _choose(self, engine: Engine) -> pa.Table:
        with self._apart() as part:
            found = self.evidence = gather(part, self.options, self.run, self.first_day)
        rows = [] if found.model is None else [{"model": found.model, "paced": found.paced}]
        return pa.Table.from_pylist(rows, schema=arrow_schema(CHOICE))

    def _remember(self, engine: Engine) -> pa.Table:
        with self._apart() as part:
            return movement.before(part, self.run)

    def _move(self, engine: Engine) -> None:
        self.days = {}  # no further cut is made of all customers
        self.moved = movement.movement(engine, self.run)

    def _again(self, engine: Engine) -> None:
        self.past = accuracy.again(engine, self.run, self.known(), self.first_day)

    def _sum(self, clv_inputs: pa.Table, clv_model: pa.Table, *, run: Run) -> None:
        known = self.known()
        self.total = total_of(clv_inputs, clv_model, run, known.model_error, known.value_error)

    def _ahead(self, days: int, clv_inputs: pa.Table, clv_model: pa.Table, *, run: Run) -> None:
        error = self.known().model_error
        self.ahead[days] = accuracy.ahead(clv_inputs, clv_model, run, error, days)
