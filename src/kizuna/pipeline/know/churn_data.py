"""What the steps of churn share: the panel as arrays, its split in time, and the baselines."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from kizuna.clv.data import Contracts, FloatArray, Purchases
from kizuna.clv.models import BetaDiscreteWeibull, ShiftedBetaGeometric
from kizuna.clv.own_rates import Own, own_chances
from kizuna.clv.value import alive_pairs
from kizuna.experience.bound import FACT as BOUND
from kizuna.experience.churn import Cases
from kizuna.experience.lifetimes import ends_within, own_ends, survival_model
from kizuna.pipeline.know.clv_model import MODEL_TYPES
from kizuna.pipeline.know.clv_scores import model_of
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.remembered import remembered
from kizuna.pipeline.tables import TABLES

DAYS_PER_MONTH = 30.4375
TESTED_DAYS = 92
"""Days kept back for the test: the last ones whose outcome is known."""
NUMBERS = ("BIGINT", "INTEGER", "DOUBLE", "BOOLEAN")
LIFETIMES: dict[str, Any] = {"sbg": ShiftedBetaGeometric, "bdw": BetaDiscreteWeibull}
BATCH = 50_000
LEARNT_ROWS = 60_000
"""Rows that a learner is fitted to; of more, some customers are left out whole."""
LOOKED_AT = 20_000
"""Customers of whom it is asked which facts are recorded now."""
NEWLY, BY_FAR = 2.0, 0.1
"""How many times as many, and what share more, must have a fact for it to be newly recorded."""

type Mask = NDArray[np.bool_]


def fact_names() -> tuple[str, ...]:
    """Name the facts that a learner may use: the numbers of the panel."""
    columns = TABLES["fact_panel"].columns
    return tuple(c.name for c in columns if c.type in NUMBERS)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Panel:
    """Customers of one kind on days, as arrays of shape (rows,); days are counted from 1970."""

    customer: NDArray[np.int64]
    day: FloatArray
    horizon: FloatArray
    tenure: FloatArray
    frequency: FloatArray
    recency: FloatArray
    age: FloatArray
    notice: Mask
    ended: FloatArray
    left: FloatArray
    row: NDArray[np.int64]

    @classmethod
    @remembered
    def of(cls, table: pa.Table, kind: str) -> Panel:
        """Read the rows of one kind; `row` tells where each stands in the table."""
        there = np.flatnonzero(np.asarray(pc.equal(table["kind"], kind)))
        rows = table.take(there)
        codes = rows["customer_id"].combine_chunks().dictionary_encode()
        whose = codes.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        return cls(
            customer=whose,
            day=_numbers(rows, "day"),
            horizon=_numbers(rows, "horizon_days"),
            tenure=_numbers(rows, "tenure_days"),
            frequency=_numbers(rows, "frequency"),
            recency=_numbers(rows, "recency_days"),
            age=_numbers(rows, "age_days"),
            notice=_numbers(rows, "has_notice") > 0,
            ended=_numbers(rows, "ended_on"),
            left=_numbers(rows, "has_left"),
            row=there,
        )

    def __len__(self) -> int:
        return len(self.row)

    def take(self, rows: Mask | slice) -> Panel:
        """Keep some rows."""
        return Panel(*(getattr(self, f.name)[rows] for f in fields(self)))

    @property
    def known(self) -> Panel:
        """Rows whose outcome is known and was open: no notice had been given."""
        return self.take(np.isfinite(self.left) & ~self.notice)

    @remembered
    def now(self, run: Run) -> Panel:
        """Rows of the last day of the run; a kind may have none on it."""
        return self.take(self.day == days(max(run.fact_days, default=run.as_of)))

    def to_learn(self) -> Panel:
        """Keep as many whole customers as a learner has use for."""
        return self.take(self.customer % max(1, round(len(self) / LEARNT_ROWS)) == 0)

    def split(self) -> tuple[Panel, Panel]:
        """Part in days to learn from and days kept back; no outcome of the former is in the latter.

        An earlier day is one whose horizon was over before the first later day.
        """
        later = self.take(self.day > self.day.max(initial=0.0) - TESTED_DAYS)
        first = later.day.min(initial=np.inf)
        return self.take(self.day + self.horizon <= first), later

    def purchases(self, run: Run) -> Purchases:
        """Histories as the models of purchases want them, in periods of the run."""
        periods = 1.0 / run.days_per_period
        return Purchases(self.frequency, self.recency * periods, self.age * periods)

    def cases(self, facts: FloatArray, baseline: FloatArray, by: float | None = None) -> Cases:
        """Put facts and the baseline beside what came; `by`: ends of terms known by that day."""
        horizon = float(self.horizon.max(initial=0.0))
        whose, left = self.customer.astype(np.intp), self.left > 0
        chosen = None if by is None else self.chosen(facts, by)
        return Cases(fact_names(), facts, baseline, whose, left, horizon, chosen)

    def chosen(self, facts: FloatArray, by: float) -> FloatArray:
        """Whether customers left when their terms ended; NaN where that is not known by a day."""
        if BOUND not in fact_names() or not len(self):
            return np.full(len(self), np.nan)
        ends = self.day + facts[:, fact_names().index(BOUND)] + 1.0
        left = np.nan_to_num(self.ended, nan=np.inf) <= ends
        return np.where(ends <= by, left, np.nan)

    @remembered
    def batches(self) -> Sequence[Panel]:
        """Part in pieces that fit into memory as a design."""
        starts = range(0, len(self), BATCH)
        return tuple(self.take(slice(start, start + BATCH)) for start in starts)


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """The rows of `fact_panel` beside those of `churn_panel`."""

    table: pa.Table
    place: NDArray[np.int64]

    @classmethod
    def of(cls, churn_panel: pa.Table, fact_panel: pa.Table) -> Facts:
        """Find the facts of each row of the panel."""
        return cls(fact_panel, _places(churn_panel, fact_panel))

    def matrix(self, panel: Panel) -> FloatArray:
        """Facts of these rows, shape (rows, facts); NaN where not known."""
        return self._at(self.place[panel.row])

    def learnable(self, learnt: Panel, told: Panel, beside: Facts | None = None) -> FloatArray:
        """Facts of the rows learnt from, without those that were not yet recorded then.

        Where many more have a fact on the days to be told than on the last day learnt from, it
        began to be recorded in between: who had it then are not like those who have it now.
        `beside`: where the facts of the days to be told are, if elsewhere.
        """
        found = self.matrix(learnt)
        if len(learnt) and len(told):
            before = np.isfinite(found[learnt.day == learnt.day.max()]).mean(axis=0)
            some = told.take(told.customer % max(1, round(len(told) / LOOKED_AT)) == 0)
            now = np.isfinite((beside or self).matrix(some)).mean(axis=0)
            found[:, (now > NEWLY * before) & (now > before + BY_FAR)] = np.nan
        return found

    def all(self) -> FloatArray:
        """Facts of every row of the panel."""
        return self._at(self.place)

    def _at(self, places: NDArray[np.int64]) -> FloatArray:
        names = fact_names()
        found = np.full((len(places), len(names)), np.nan, order="F")
        for k, name in enumerate(names):
            column = self.table[name]
            if column.null_count < len(column):  # of many facts nothing is recorded
                found[:, k] = _floats(column.take(places))
        return found


@remembered
def _places(churn_panel: pa.Table, fact_panel: pa.Table) -> NDArray[np.int64]:
    """Find the row of facts of each row of the panel."""
    codes = fact_panel["customer_id"].combine_chunks().dictionary_encode()
    known = _keys(codes.indices, fact_panel)
    wanted = _keys(pc.index_in(churn_panel["customer_id"], codes.dictionary), churn_panel)
    order = np.argsort(known)
    return order[np.searchsorted(known[order], wanted)]


def _keys(codes: Any, table: pa.Table) -> NDArray[np.int64]:
    whose = np.asarray(codes.to_numpy(zero_copy_only=False) if len(codes) else [], np.int64)
    return whose * 2**20 + _numbers(table, "day").astype(np.int64)


def _numbers(table: pa.Table, name: str) -> FloatArray:
    """A column as floats; NaN where empty."""
    return _floats(table[name])


def _floats(column: pa.ChunkedArray) -> FloatArray:
    if pa.types.is_date(column.type):
        column = column.cast(pa.int32())
    return np.asarray(column.cast(pa.float64()).to_numpy(), np.float64)


type Baseline = Callable[[Panel], FloatArray]
type Spread = Callable[[Panel], Own | None]


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """A baseline, with the name and the parameters of its model.

    `spread`: how far each customer's own probability may lie from what is forecast.
    """

    name: str | None
    parameters: str | None
    forecast: Baseline
    spread: Spread

    def own(self, panel: Panel, used: str) -> Own | None:
        """Give the spread where it holds of what is used.

        A learner knows more of a contract than how long it has lasted, but of how somebody buys
        little that the purchases do not say.
        """
        if used == "rate" or (used == "learner" and self.name in LIFETIMES):
            return None
        return self.spread(panel)


def baseline_then(
    kind: str, panel: Panel, spells: pa.Table, clv_model: pa.Table, run: Run, cut: float
) -> Named:
    """Fit the baseline to what was known on a day of the past."""
    if kind == "contract":
        return lifetimes(spells, cut)
    rows = {row["role"]: row for row in clv_model.to_pylist()}
    then = panel.take(panel.day == cut)
    if "purchases" not in rows or not len(then):
        return _unknown(panel)
    name = rows["purchases"]["name"]
    return _shop(name, MODEL_TYPES[name].fit(then.purchases(run).group()).model, run)


def baseline_now(kind: str, panel: Panel, spells: pa.Table, clv_model: pa.Table, run: Run) -> Named:
    """Give the baseline of all that is known."""
    if kind == "contract":
        return lifetimes(spells, days(run.as_of))
    rows = {row["role"]: row for row in clv_model.to_pylist()}
    if "purchases" not in rows:
        return _unknown(panel)
    return _shop(rows["purchases"]["name"], model_of(rows["purchases"]), run)


def baseline_again(row: dict[str, Any], clv_model: pa.Table, run: Run) -> Baseline:
    """Rebuild the baseline of a row of `churn_model`."""
    return named_again(row, clv_model, run).forecast


def named_again(row: dict[str, Any], clv_model: pa.Table, run: Run) -> Named:
    """Rebuild it with what it says of customers' own probabilities."""
    if row["baseline"] in LIFETIMES:
        return _lasting(LIFETIMES[row["baseline"]](**json.loads(row["baseline_parameters"])))
    rows = {found["role"]: found for found in clv_model.to_pylist()}
    if row["baseline"] is None or "purchases" not in rows:
        return _alike(json.loads(row["parameters"])["rate"])
    return _shop(row["baseline"], model_of(rows["purchases"]), run)


def lifetimes(spells: pa.Table, cut: float) -> Named:
    """Fit how long customers stay under contract to what was known on a day, in months."""
    start, end = _numbers(spells, "started_on"), _numbers(spells, "ended_on")
    start, end = start[start <= cut], end[start <= cut]
    lost = end <= cut
    months = (np.where(lost, end, cut) - start) / DAYS_PER_MONTH
    duration = np.where(lost, np.maximum(np.ceil(months - 1e-9), 1.0), np.floor(months))
    if not len(duration):
        return _alike(0.5)
    return _lasting(survival_model(Contracts(duration, lost.astype(np.float64))))


def _lasting(model: Any) -> Named:
    name = next(key for key, kind in LIFETIMES.items() if isinstance(model, kind))
    values = {f.name: float(getattr(model, f.name)) for f in fields(model)}

    def forecast(panel: Panel) -> FloatArray:
        return ends_within(model, *_months(panel))

    def own(panel: Panel) -> Own:
        return own_ends(model, *_months(panel))

    return Named(name, json.dumps(values), forecast, own)


def _months(panel: Panel) -> tuple[FloatArray, int]:
    """Months under contract, and those of the horizon."""
    horizon = float(panel.horizon.max(initial=DAYS_PER_MONTH))
    return np.floor(panel.tenure / DAYS_PER_MONTH), max(1, round(horizon / DAYS_PER_MONTH))


def _shop(name: str, model: Any, run: Run) -> Named:
    def forecast(panel: Panel) -> FloatArray:
        return _no_purchase(panel, model, run)

    def own(panel: Panel) -> Own | None:
        ahead = float(panel.horizon.max(initial=1.0)) / run.days_per_period
        return own_chances(model, panel.purchases(run), ahead)

    return Named(name, None, forecast, own)


@remembered
def _no_purchase(panel: Panel, model: Any, run: Run) -> FloatArray:
    if not len(panel):
        return np.empty(0)
    patterns, index = panel.purchases(run).compress_with_index()
    horizon = float(panel.horizon[0]) / run.days_per_period
    pairs, which = alive_pairs(patterns)
    bought: FloatArray = model.p_alive(patterns) * model.p_at_least_alive(1, pairs, horizon)[which]
    return np.clip(1.0 - bought, 0.0, 1.0)[index]


def _unknown(panel: Panel) -> Named:
    """Give everybody the share that left so far, where there is no model."""
    known = panel.known
    rate = float((known.left.sum() + 0.5) / (len(known) + 1.0))
    return _alike(rate)


def _alike(rate: float) -> Named:
    return Named(None, None, lambda panel: np.full(len(panel), rate), lambda _: None)


def texts(names: Sequence[str | None], which: NDArray[np.integer[Any]]) -> pa.Array:
    """Write a name for each number: the text of a place in `names`."""
    codes = pa.array(which, pa.int32())
    return pa.DictionaryArray.from_arrays(codes, pa.array(names, pa.string())).cast(pa.string())


def days(day: Any) -> float:
    """Count the days since 1970."""
    return float((np.datetime64(day) - np.datetime64("1970-01-01")).astype(np.int64))
