"""What each action earned a unit against those held out: effect, interval, return, one word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from kizuna.experiments.assignment import CONTROL
from kizuna.experiments.effect import Effect, stratified
from kizuna.experiments.interval import Interval
from kizuna.experiments.moments import Moments
from kizuna.experiments.roi import known_cost
from kizuna.experiments.sequential import Sequence
from kizuna.experiments.srm import SampleRatio, sample_ratio
from kizuna.experiments.verdict import Verdict, Word, verdict
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema

COLUMNS = ("outcome", "predicted", "past")
"""The outcome, and the covariates that are known at eligibility."""

type Row = dict[str, Any]
type Pairs = list[tuple[Moments, Moments]]


def effects(
    effect_sums: pa.Table, experiment_counts: pa.Table, experiments: pa.Table, *, run: Run
) -> pa.Table:
    """Compare each arm with those held out, over each horizon."""
    about = {row["experiment_id"]: row for row in experiments.to_pylist()}
    counts = {row["experiment_id"]: row for row in experiment_counts.to_pylist()}
    cells: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in effect_sums.to_pylist():
        cells[row["experiment_id"], row["horizon_days"]].append(row)
    rows = [
        _row(key, arm, sums, about[key[0]], counts[key[0]], run.as_of)
        for key, sums in sorted(cells.items())
        if key[0] in about
        for arm in sorted({row["arm"] for row in sums} - {CONTROL})
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema("effects"))


def _row(
    key: tuple[str, int], arm: str, sums: list[Row], about: Row, counts: Row, as_of: date
) -> Row:
    experiment, horizon = key
    ratio = _ratio(counts)
    row = {"experiment_id": experiment, "arm": arm, "horizon_days": horizon}
    row |= {"sample_ratio_p": ratio.p, "more_units": None}
    row |= {"treated": _units(sums, arm), "control": _units(sums, CONTROL)}
    pairs = _usable(_pairs(sums, arm))
    if not pairs:
        return row | {"verdict": Word.EARLY.value}
    found, cost = stratified(pairs), _cost(sums, arm)
    said = _said(found, ratio, cost, about, horizon, as_of)
    row |= {"verdict": said.word.value, "more_units": said.more}
    clean = _usable(_pairs([r for r in sums if not r["contaminated"]], arm))
    apart = {"effect_uncontaminated": stratified(clean).difference if clean else None}
    if said.word is Word.MISMATCH:
        return row  # what lost units has no effect to show
    return row | apart | _of(found, said.interval, cost)


def _said(
    found: Effect, ratio: SampleRatio, cost: float, about: Row, horizon: int, as_of: date
) -> Verdict:
    """Judge at any look by a sequence; a planned end once, when all days are over."""
    if about["always_on"]:
        sequence = Sequence(max(about["planned_units"], 1))
        return verdict(found, ratio, cost=cost, worth=about["worth"], sequence=sequence)
    over = about["ended_on"] and about["ended_on"] + timedelta(days=horizon - 1) <= as_of
    if ratio.holds and not over:
        return Verdict(Word.EARLY, None)
    return verdict(found, ratio, cost=cost, worth=about["worth"])


def _of(found: Effect, interval: Interval | None, cost: float) -> Row:
    """Numbers of an effect; bounds only where a look is due."""
    row: Row = {"control_mean": found.control_mean, "effect": found.difference}
    row |= {"error": found.error, "variance_removed": found.variance_removed, "unit_cost": cost}
    if interval is None:
        return row
    row |= {"effect_low": interval.low, "effect_high": interval.high, "level": interval.level}
    came = known_cost(interval, found.treated, cost)
    share = _share(found, interval)
    return row | _ends("relative", share) | _ends("net", came.net) | _ends("roi", came.roi)


def _share(found: Effect, interval: Interval) -> Interval | None:
    """Give the relative effect, as wide as the interval that it stands beside."""
    plain = found.interval(interval.level)
    wider = (interval.high - interval.low) / max(plain.high - plain.low, 1e-300)
    sizes = found.treated, found.control, found.treated_mean, found.control_mean
    errors = found.treated_error * wider, found.control_error * wider
    return Effect(*sizes, *errors).relative(interval.level)


def _ends(name: str, interval: Interval | None) -> Row:
    if interval is None:
        return {}
    return {name: interval.estimate, f"{name}_low": interval.low, f"{name}_high": interval.high}


def _pairs(sums: Iterable[Row], arm: str) -> Pairs:
    """Arm and control of each stratum."""
    strata: dict[str, dict[str, Moments]] = defaultdict(dict)
    for row in sums:
        mine, part = strata[row["stratum"]], _moments(row)
        mine[row["arm"]] = mine[row["arm"]] + part if row["arm"] in mine else part
    return [(s[arm], s[CONTROL]) for s in strata.values() if arm in s and CONTROL in s]


def _usable(pairs: Pairs) -> Pairs:
    return [(t, c) for t, c in pairs if min(t.n, c.n) >= 2]


def _moments(row: Row) -> Moments:
    names = list(enumerate(COLUMNS))
    products = np.array(
        [[row[f"{COLUMNS[min(i, j)]}_{COLUMNS[max(i, j)]}"] for j, _ in names] for i, _ in names]
    )
    return Moments.from_sums(row["units"], [row[name] for name in COLUMNS], products)


def _cost(sums: Iterable[Row], arm: str) -> float:
    """Cost of a treated unit."""
    mine = [row for row in sums if row["arm"] == arm]
    return float(sum(row["cost"] for row in mine) / sum(row["units"] for row in mine))


def _units(sums: Iterable[Row], arm: str) -> int:
    return sum(row["units"] for row in sums if row["arm"] == arm)


def _ratio(counts: Row) -> SampleRatio:
    held, due = counts["controls"], counts["expected_controls"]
    units = counts["units"]
    if not 0 < due < units:
        return SampleRatio((units - held, held), (units - due, due), 0.0, 1.0)
    return sample_ratio([units - held, held], [units - due, due])
