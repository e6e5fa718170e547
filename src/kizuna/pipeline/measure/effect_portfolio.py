"""The sum of what actions claim, against what all of them together earned: the global control."""

from __future__ import annotations

import math
from collections import defaultdict

import pyarrow as pa

from kizuna.experiments.effect import Effect
from kizuna.experiments.interval import Interval
from kizuna.experiments.portfolio import reconciled
from kizuna.pipeline.experiment_tables import GLOBAL_KIND
from kizuna.pipeline.measure.sums import Row, looked_at, of_all
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema

NOTHING = Effect(0, 0, 0.0, 0.0, 0.0, 0.0)


def effect_portfolio(effects: pa.Table, experiments: pa.Table, *, run: Run) -> pa.Table:
    """Sum the claims at each horizon, and hold them against the programme's effect."""
    about = {row["experiment_id"]: row for row in experiments.to_pylist()}
    claims: dict[int, list[Effect]] = defaultdict(list)
    turns: dict[int, list[Effect]] = defaultdict(list)
    for row in of_all(effects, about, with_global=True):
        if looked_at(row):
            is_turn = about[row["experiment_id"]]["kind"] == GLOBAL_KIND
            (turns if is_turn else claims)[row["horizon_days"]].append(_effect(row))
    rows = [_row(horizon, claims[horizon], turns.get(horizon, [])) for horizon in sorted(claims)]
    return pa.Table.from_pylist(rows, schema=arrow_schema("effect_portfolio"))


def _effect(row: Row) -> Effect:
    """Give an effect as published: all of its error with the treated."""
    return Effect(row["treated"], row["control"], row["effect"], 0.0, row["error"], 0.0)


def _row(horizon: int, claims: list[Effect], turns: list[Effect]) -> Row:
    whole = _together(turns)
    found = reconciled(claims, whole or NOTHING)
    row: Row = {"horizon_days": horizon, "actions": len(claims)} | _ends("claimed", found.claimed)
    if whole is None:
        return row
    row |= _ends("whole", found.whole) | _ends("excess", found.excess)
    sizes = {"treated": whole.treated, "control": whole.control}
    return row | sizes | {"overclaimed": found.overclaimed}


def _together(turns: list[Effect]) -> Effect | None:
    """Make one effect of the turns of the global control, weighted by those treated."""
    treated, control = (sum(getattr(t, arm) for t in turns) for arm in ("treated", "control"))
    if not treated:
        return None
    mean = sum(t.difference * t.treated for t in turns) / treated
    error = math.hypot(*(t.error * t.treated for t in turns)) / treated
    return Effect(treated, control, mean, 0.0, error, 0.0)


def _ends(name: str, interval: Interval) -> Row:
    return {name: interval.estimate, f"{name}_low": interval.low, f"{name}_high": interval.high}
