"""Sums of arms as the science takes them: moments of an arm within each stratum."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any, Final

import numpy as np
import pyarrow as pa

from kizuna.experiments.assignment import CONTROL
from kizuna.experiments.effect import Effect, stratified
from kizuna.experiments.moments import Moments
from kizuna.experiments.srm import SampleRatio, sample_ratio
from kizuna.pipeline.experiment_tables import GLOBAL_KIND

COLUMNS: Final = ("outcome", "predicted", "past")
"""The outcome, and the covariates that are known at eligibility."""
ALL: Final = "*"
"""All arms of the treated together."""

type Row = dict[str, Any]
type Pairs = list[tuple[Moments, Moments]]


def pairs_of(sums: Iterable[Row], arm: str, against: str = CONTROL) -> Pairs:
    """Give both arms of each stratum that has them."""
    strata: dict[str, dict[str, Moments]] = defaultdict(dict)
    for row in sums:
        mine = strata[row["stratum"]]
        for name in (arm, against):
            if is_of(row, name):
                part = _moments(row)
                mine[name] = mine[name] + part if name in mine else part
    return [(s[arm], s[against]) for s in strata.values() if arm in s and against in s]


def contrasts_of(arms: Iterable[str]) -> list[tuple[str, str]]:
    """Hold each arm against those held out; of several arms all together too, and each pair."""
    treated = sorted({*arms} - {CONTROL})
    found = [(arm, CONTROL) for arm in treated]
    return found if len(treated) < 2 else [*found, (ALL, CONTROL), *combinations(treated, 2)]


def of_all(effects: pa.Table, about: Mapping[str, Row], *, with_global: bool = False) -> list[Row]:
    """Give the rows that stand for an action as a whole, against those held out."""
    rows = [
        row
        for row in effects.to_pylist()
        if row["against"] == CONTROL and row["experiment_id"] in about
    ]
    several = {row["experiment_id"] for row in rows if row["arm"] == ALL}
    return [
        row
        for row in rows
        if (row["arm"] == ALL or row["experiment_id"] not in several)
        and (with_global or about[row["experiment_id"]]["kind"] != GLOBAL_KIND)
    ]


def looked_at(row: Row) -> bool:
    """Tell whether a look was due, so that there are bounds."""
    return row["effect_low"] is not None


def usable(pairs: Pairs) -> Pairs:
    """Keep the strata in which both arms have units enough to compare."""
    return [(t, c) for t, c in pairs if min(t.n, c.n) >= 2]


def plain(pairs: Pairs) -> Effect:
    """Compare means as they are: nothing adjusted, each arm with its own variance."""
    bare = [(t.mapped([[1.0, 0, 0]]), c.mapped([[1.0, 0, 0]])) for t, c in pairs]
    return stratified(bare, variance="own")


def is_of(row: Row, arm: str) -> bool:
    """Tell whether a row is of an arm, or of any arm of the treated."""
    return bool(row["arm"] != CONTROL if arm == ALL else row["arm"] == arm)


def cost_of(sums: Iterable[Row], arm: str) -> float:
    """Cost of a unit of an arm; those held out cost nothing."""
    mine = [row for row in sums if is_of(row, arm)] if arm != CONTROL else []
    units = sum(row["units"] for row in mine)
    return float(sum(row["cost"] for row in mine) / units) if units else 0.0


def units_of(sums: Iterable[Row], arm: str, what: str = "units") -> int:
    """Count the units of an arm."""
    return sum(row[what] for row in sums if is_of(row, arm))


def ratio_of(counts: Row) -> SampleRatio:
    """Hold the units held out against what chance was to hold out."""
    held, due, units = counts["controls"], counts["expected_controls"], counts["units"]
    if not 0 < due < units:
        return SampleRatio((units - held, held), (units - due, due), 0.0, 1.0)
    return sample_ratio([units - held, held], [units - due, due])


def _moments(row: Row) -> Moments:
    names = list(enumerate(COLUMNS))
    products = np.array(
        [[row[f"{COLUMNS[min(i, j)]}_{COLUMNS[max(i, j)]}"] for j, _ in names] for i, _ in names]
    )
    return Moments.from_sums(row["units"], [row[name] for name in COLUMNS], products)
