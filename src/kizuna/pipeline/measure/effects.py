"""What each action earned a unit against those held out: effect, interval, return, one word."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import pyarrow as pa

from kizuna.experiments.effect import Effect, stratified
from kizuna.experiments.interval import Interval
from kizuna.experiments.roi import known_cost
from kizuna.experiments.sequential import Sequence
from kizuna.experiments.srm import SampleRatio
from kizuna.experiments.verdict import Verdict, Word, verdict
from kizuna.pipeline.measure.sums import (
    Row,
    contrasts_of,
    cost_of,
    pairs_of,
    plain,
    ratio_of,
    units_of,
    usable,
)
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema

TO_DATE = 0
PACE_WEEKS = 4.0
"""Weeks that `recent_units` counts."""


def effects(
    effect_sums: pa.Table, experiment_counts: pa.Table, experiments: pa.Table, *, run: Run
) -> pa.Table:
    """Compare each arm with those held out, all of them together, and one another."""
    about = {row["experiment_id"]: row for row in experiments.to_pylist()}
    counts = {row["experiment_id"]: row for row in experiment_counts.to_pylist()}
    cells: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in effect_sums.to_pylist():
        cells[row["experiment_id"], row["horizon_days"]].append(row)
    rows = [
        _row(key, contrast, sums, about[key[0]], counts[key[0]], run.as_of)
        for key, sums in sorted(cells.items())
        if key[0] in about
        for contrast in contrasts_of({row["arm"] for row in sums})
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema("effects"))


def _row(
    key: tuple[str, int],
    contrast: tuple[str, str],
    sums: list[Row],
    about: Row,
    counts: Row,
    as_of: date,
) -> Row:
    (experiment, horizon), (arm, against) = key, contrast
    ratio = ratio_of(counts)
    row: Row = {"experiment_id": experiment, "arm": arm, "against": against}
    row |= {"horizon_days": horizon, "sample_ratio_p": ratio.p}
    row |= {"treated": units_of(sums, arm), "control": units_of(sums, against)}
    row |= {"reached": units_of(sums, arm, "reached")}
    pairs = usable(pairs_of(sums, arm, against))
    if not pairs:
        return row | {"verdict": Word.EARLY.value}
    found, cost = stratified(pairs), cost_of(sums, arm) - cost_of(sums, against)
    said = _said(found, ratio, cost, about, horizon, as_of)
    row |= {"verdict": said.word.value} | _missing(said, counts)
    if said.word is Word.MISMATCH:
        return row  # what lost units has no effect to show
    clean = usable(pairs_of([r for r in sums if not r["contaminated"]], arm, against))
    row |= {"effect_uncontaminated": stratified(clean).difference if clean else None}
    bare = plain(pairs)
    row |= {"plain_effect": bare.difference, "plain_error": bare.error}
    return row | _of(found, said.interval, cost) | {"p": _p(found, cost, about)}


def _missing(said: Verdict, counts: Row) -> Row:
    """Say how many units are missing, and for how long at the present pace."""
    if said.more is None:
        return {}
    pace = counts["recent_units"] / PACE_WEEKS
    return {"more_units": said.more, "more_weeks": said.more / pace if pace else None}


def _said(
    found: Effect, ratio: SampleRatio, cost: float, about: Row, horizon: int, as_of: date
) -> Verdict:
    """Judge at any look by a sequence; a planned end once, when all days are over.

    To date nothing is judged: it is shown as it grows, within bounds that hold at all looks.
    """
    sequence = Sequence(max(about["planned_units"], 1))
    if ratio.holds and horizon == TO_DATE:
        return Verdict(Word.EARLY, sequence.interval(found))
    if about["always_on"]:
        return verdict(found, ratio, cost=cost, worth=about["worth"], sequence=sequence)
    over = about["ended_on"] and about["ended_on"] + timedelta(days=horizon - 1) <= as_of
    if ratio.holds and not over:
        return Verdict(Word.EARLY, None)
    return verdict(found, ratio, cost=cost, worth=about["worth"])


def _p(found: Effect, cost: float, about: Row) -> float:
    """Give the chance of a net effect so far from 0, at one look or, always on, at any."""
    net = found.scaled(1.0, less=cost)
    return Sequence(max(about["planned_units"], 1)).p(net) if about["always_on"] else net.p


def _of(found: Effect, interval: Interval | None, cost: float) -> Row:
    """Numbers of an effect; bounds only where a look is due."""
    row: Row = {"control_mean": found.control_mean, "effect": found.difference}
    row |= {"error": found.error, "variance_removed": found.variance_removed, "unit_cost": cost}
    if interval is None:
        return row
    row |= {"effect_low": interval.low, "effect_high": interval.high, "level": interval.level}
    came = known_cost(interval, found.treated, cost)
    share = _share(found, interval)
    row |= _ends("relative", share) | _ends("total", came.margin)
    return row | _ends("net", came.net) | _ends("roi", came.roi)


def _share(found: Effect, interval: Interval) -> Interval | None:
    """Give the relative effect, as wide as the interval that it stands beside."""
    plain_one = found.interval(interval.level)
    wider = (interval.high - interval.low) / max(plain_one.high - plain_one.low, 1e-300)
    sizes = found.treated, found.control, found.treated_mean, found.control_mean
    errors = found.treated_error * wider, found.control_error * wider
    return Effect(*sizes, *errors).relative(interval.level)


def _ends(name: str, interval: Interval | None) -> Row:
    if interval is None:
        return {}
    return {name: interval.estimate, f"{name}_low": interval.low, f"{name}_high": interval.high}
