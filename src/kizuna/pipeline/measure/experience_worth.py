"""What a point of effort, health or NPS is worth: by experiment, or else as an association.

By experiment: what an action did for margin ÷ what it did for the score, of units whose score is
known in these days (Wald 1940), with Fieller's interval. It holds for the score alone where the
action works by way of it alone. A score that did not move clearly (F below 10; Staiger and Stock
1997) has no ratio.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pyarrow as pa

from kizuna.experiments.assignment import CONTROL
from kizuna.experiments.interval import LEVEL, FloatArray, Interval, quantile, ratio_interval
from kizuna.experiments.srm import sample_ratio
from kizuna.pipeline.experience_tables import BETTER, HORIZONS, SCORES
from kizuna.pipeline.experiment_tables import GLOBAL_KIND
from kizuna.pipeline.measure.experience_fit import fit, numbered, numbers, rows_of
from kizuna.pipeline.measure.sums import Row, looked_at, of_all
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema

CLEAR: Final = 10.0
"""F of the move of a score, from which on it is clear."""
LEAST_OF_ARM: Final = 50
DAYS_OF_YEAR: Final = 365.0


def experience_worth(
    experience_points: pa.Table,
    experience_moves: pa.Table,
    effects: pa.Table,
    experiment_counts: pa.Table,
    experiments: pa.Table,
    *,
    run: Run,
) -> pa.Table:
    """Tell both kinds of evidence, each in rows of its own."""
    rows = [_association(experience_points, score, days) for score in SCORES for days in HORIZONS]
    about = {r["experiment_id"]: r for r in experiments.to_pylist() if r["kind"] != GLOBAL_KIND}
    counts = {r["experiment_id"]: r for r in experiment_counts.to_pylist()}
    for effect in of_all(effects, about):
        if _may_be_read(effect):
            rows += _of_experiment(experience_moves, effect, counts[effect["experiment_id"]])
    return pa.Table.from_pylist(rows, schema=arrow_schema("experience_worth"))


def _association(points: pa.Table, score: str, horizon: int) -> Row:
    found = fit(rows := rows_of(points, score, horizon), score, horizon)
    customers = len(pa.compute.unique(rows["customer_id"]))
    row: Row = {"score": score, "evidence": "association", "experiment_id": ""}
    row |= {"horizon_days": horizon, "customers": customers, "points": rows.num_rows}
    if found is None:
        return row | {"state": "few"}
    row |= {"state": "known", "unadjusted": BETTER[score] * found.unadjusted}
    return row | _money(found.per_point.mapped(BETTER[score]), horizon)


def _may_be_read(effect: Row) -> bool:
    """Tell whether a look was due at a horizon at which scores can have moved."""
    due = looked_at(effect) and effect["verdict"] not in {"early", "mismatch"}
    return bool(due and effect["horizon_days"] in {90, 180, 365})


def _of_experiment(moves: pa.Table, effect: Row, counts: Row) -> Iterator[Row]:
    """Hold each score of an experiment against its margin, at one horizon."""
    mine = pa.compute.and_(
        pa.compute.equal(moves["experiment_id"], effect["experiment_id"]),
        pa.compute.equal(moves["horizon_days"], effect["horizon_days"]),
    )
    units = moves.filter(mine).sort_by("unit_id")
    for score in SCORES:
        known = units.filter(pa.compute.is_valid(units[score]))
        if known.num_rows:
            yield _ratio(known, score, effect, counts)


def _ratio(units: pa.Table, score: str, effect: Row, counts: Row) -> Row:
    w = np.array([arm != CONTROL for arm in units["arm"].to_pylist()], np.bool_)
    treated, control = int(w.sum()), int((~w).sum())
    row: Row = {"score": score, "evidence": "experiment", "horizon_days": effect["horizon_days"]}
    row |= {"experiment_id": effect["experiment_id"], "treated": treated, "control": control}
    row |= {"customers": len(w), "points": len(w)}
    if min(treated, control) < LEAST_OF_ARM:
        return row | {"state": "few"}
    due = counts["expected_controls"]
    if not sample_ratio([treated, control], [counts["units"] - due, due]).holds:
        return row | {"state": "uneven"}
    return row | _moved(units, score, w, effect)


def _moved(units: pa.Table, score: str, w: np.ndarray[Any, Any], effect: Row) -> Row:
    """Give the move of the score, and the ratio where it is clear."""
    pair = np.column_stack([numbers(units, "outcome"), BETTER[score] * numbers(units, score)])
    wide = _wider(effect)
    (earned, moved), spread = _differences(pair, w, units)
    spread = spread * wide**2
    by = Interval.around(moved, float(np.sqrt(spread[1, 1])))
    row: Row = {"moved": moved, "moved_low": by.low, "moved_high": by.high, "earned": earned}
    if moved**2 < CLEAR * spread[1, 1]:
        return row | {"state": "still"}
    errors = {"top_error": float(np.sqrt(spread[0, 0])), "covariance": float(spread[0, 1])}
    found = ratio_interval(earned, moved, bottom_error=float(np.sqrt(spread[1, 1])), **errors)
    if found is None:
        return row | {"state": "still"}
    return row | {"state": "known"} | _money(found, effect["horizon_days"])


def _differences(
    pair: FloatArray, w: np.ndarray[Any, Any], units: pa.Table
) -> tuple[tuple[float, float], FloatArray]:
    """Give both differences within strata, covariates taken out, and their covariance."""
    strata = numbered(units["stratum"])
    known = np.column_stack([numbers(units, name) for name in ("predicted", "past")])
    arm_of = np.unique(np.column_stack([strata, w]), axis=0, return_inverse=True)[1].ravel()
    slope = np.linalg.lstsq(_off(known, arm_of), _off(pair, arm_of), rcond=None)[0]
    left = pair - (known - known.mean(axis=0)) @ slope
    gap, spread, total = np.zeros(2), np.zeros((2, 2)), 0
    for one in np.unique(strata):
        t, c = left[(strata == one) & w], left[(strata == one) & ~w]
        if min(len(t), len(c)) < 2:
            continue
        n = len(t) + len(c)
        gap += n * (t.mean(axis=0) - c.mean(axis=0))
        spread += n**2 * (np.cov(t.T) / len(t) + np.cov(c.T) / len(c))
        total += n
    n = max(total, 1)
    return (float(gap[0] / n), float(gap[1] / n)), spread / n**2


def _off(values: FloatArray, group: np.ndarray[Any, Any]) -> FloatArray:
    """What rows are off the mean of their group."""
    sums = np.zeros((int(group.max()) + 1, values.shape[1]))
    np.add.at(sums, group, values)
    return np.asarray(values - (sums / np.bincount(group)[:, None])[group], np.float64)


def _wider(effect: Row) -> float:
    """How much wider an interval is that holds at any look; 1 of one look."""
    half = (effect["effect_high"] - effect["effect_low"]) / 2.0
    return float(max(half / max(quantile(LEVEL) * effect["error"], 1e-300), 1.0))


def _money(found: Interval, horizon: int) -> Row:
    year = found.mapped(DAYS_OF_YEAR / horizon)
    row: Row = {"per_point": found.estimate, "per_point_low": found.low}
    row |= {"per_point_high": found.high, "per_year": year.estimate}
    return row | {"per_year_low": year.low, "per_year_high": year.high}
