"""What models would have concluded on past days, from facts as they were known on each of them.

Every four weeks a model is fitted anew to what had come out by then, and concludes until the next
one: none knows how the days that it speaks of ended. Days before the first model that has enough to
learn from are spoken of by that first one. Where none has, it is the model of today, which has
learnt from part of these days; `Basis` tells which it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from kizuna.experience.churn import EVENTS_TO_LEARN, EVENTS_TO_TEST, ChurnModel, Verdict, settle
from kizuna.experience.scorecard import Card
from kizuna.pipeline.know.churn_data import (
    Facts,
    Named,
    Panel,
    baseline_then,
    named_again,
    texts,
)
from kizuna.pipeline.know.health_bands import band_names
from kizuna.pipeline.know.health_data import (
    by_card,
    card_of,
    columns_of,
    groups_of,
    health_of,
    known_share,
    moment_of,
)
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import TABLES, arrow_schema

TOLD_BY = ("churn_scores", "health_scores")
WEEKS_APART = 4
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, eq=False)
class Learnt:
    """What the models of today were fitted to, and what they are: tables as they were made."""

    churn_panel: pa.Table
    fact_panel: pa.Table
    contract_spells: pa.Table
    clv_model: pa.Table
    churn_report: pa.Table
    churn_model: pa.Table
    health_bands: pa.Table
    scorecards: pa.Table


@dataclass(frozen=True, slots=True)
class Basis:
    """By which models one kind of customer is spoken of.

    `learnt_by`: what the first of them had learnt from had come out by then; days from then on are
    spoken of by models that knew no later day. None: it is the model of today.
    """

    kind: str
    learnt_by: date | None


@dataclass(frozen=True, slots=True)
class _Model:
    """A model with its baseline, and the days that it speaks of."""

    model: ChurnModel
    baseline: Named
    first: float
    end: float


def schema() -> pa.Schema:
    """Give the columns of what is told: those of the scores of today, of a day."""
    told = [field for name in TOLD_BY for field in list(arrow_schema(name))[1:]]
    return pa.schema([pa.field("customer_id", pa.string()), pa.field("day", pa.date32()), *told])


def facts() -> tuple[str, ...]:
    """Name the facts that models tell of past days."""
    return tuple(c for name in TOLD_BY for c in TABLES[name].column_names[1:])


def past_scores(
    churn_panel: pa.Table, fact_panel: pa.Table, learnt: Learnt, *, run: Run
) -> tuple[pa.Table, list[Basis]]:
    """Score customers on the days of a panel; no row of a kind of which there is no model."""
    beside, told = Facts.of(churn_panel, fact_panel), schema()
    card = card_of(learnt.scorecards)
    parts, basis = [], []
    for row in learnt.churn_model.to_pylist():
        panel = Panel.of(churn_panel, row["kind"])
        models = list(_models(row, panel, beside, learnt, run))
        known = models[0].first if models else None
        basis.append(Basis(row["kind"], None if known is None else _date(known)))
        for one in models or [_today(row, learnt, run)]:
            start = -np.inf if one.first == known else one.first
            mine = panel.take((panel.day >= start) & (panel.day < one.end))
            for batch in mine.batches():
                found = _told(batch, beside, one, row, learnt.health_bands, card)
                found |= {n: churn_panel[n].take(batch.row) for n in ("customer_id", "day")}
                parts.append(pa.table(found).select(told.names).cast(told))
    return (pa.concat_tables(parts) if parts else told.empty_table()), basis


def _models(
    row: dict[str, Any], panel: Panel, now: Facts, learnt: Learnt, run: Run
) -> Iterator[_Model]:
    """Fit a model at the first day of each four weeks, once there is enough to learn from."""
    kind = row["kind"]
    everything = Panel.of(learnt.churn_panel, kind)
    known = everything.known
    beside = Facts.of(learnt.churn_panel, learnt.fact_panel)
    verdict = _verdict(learnt.churn_report, kind)
    needed = EVENTS_TO_LEARN if verdict.used == "learner" else EVENTS_TO_TEST
    for first, end in _spans(sorted(set(panel.day.tolist()))):
        seen = known.take(known.day + known.horizon <= first).to_learn()
        cut = baseline_then(kind, panel, learnt.contract_spells, learnt.clv_model, run, first)
        told = everything.take(everything.day <= first)
        latest = told.take(told.day == told.day.max(initial=-np.inf))
        cases = seen.cases(beside.learnable(seen, latest), cut.forecast(seen), first)
        if cut.name is not None and min(cases.events, cases.stayed) >= needed:
            yield _Model(settle(verdict, cases), cut, first, end)


def _spans(days: Sequence[float]) -> Iterator[tuple[float, float]]:
    starts = [day for day in days if not (day - days[0]) % (7 * WEEKS_APART)]
    return zip(starts, [*starts[1:], np.inf][: len(starts)], strict=True)


def _verdict(churn_report: pa.Table, kind: str) -> Verdict:
    """Give what is used today: which learner is used is not asked anew of the past."""
    row = next(r for r in churn_report.to_pylist() if r["kind"] == kind and r["used"])
    off = row["off"] or 0.0
    return Verdict(row["model"], row["reason"], row["events"], row["needed"], {}, off)


def _today(row: dict[str, Any], learnt: Learnt, run: Run) -> _Model:
    model = ChurnModel.from_json(row["parameters"])
    return _Model(model, named_again(row, learnt.clv_model, run), -np.inf, np.inf)


def _told(
    batch: Panel,
    beside: Facts,
    by: _Model,
    row: dict[str, Any],
    bands: pa.Table,
    card: tuple[int, Card],
) -> dict[str, Any]:
    """Give the columns of a batch as `churn_scores` and `health_scores` have them."""
    kind, values, groups = row["kind"], beside.matrix(batch), groups_of(row["kind"])
    odds, many = by.baseline.forecast(batch), len(batch)
    left = by.model.predict(values, odds, by.baseline.own(batch, by.model.used))
    at = health_of(batch, by.model, values, odds, groups)
    health = at.health
    score = by_card(card[1], values)
    certain = {
        f"churn_{name}": np.where(batch.notice, 1.0, chance)
        for name, chance in (
            ("probability", left.probability),
            ("low", left.low),
            ("high", left.high),
        )
    }
    return {
        **certain,
        "churn_horizon_days": batch.horizon.astype(np.int32),
        "churn_kind": texts([kind], np.zeros(many, np.int32)),
        "churn_model": texts([by.model.used, "notice"], batch.notice.astype(np.int32)),
        **moment_of(at),
        **columns_of(health, band_names(bands, kind, health.health)),
        "health_usual": np.full(many, health.usual),
        "health_known": known_share(values, groups),
        "scorecard": pa.array(score, from_pandas=True),
        "scorecard_version": pa.array(np.full(many, card[0], np.int32), mask=~np.isfinite(score)),
    }


def _date(day: float) -> date:
    return _EPOCH + timedelta(days=int(day))
