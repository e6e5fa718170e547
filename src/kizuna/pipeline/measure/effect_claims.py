"""Of all actions that may be looked at: which claims stand, and what remains of their luck."""

from __future__ import annotations

from collections import defaultdict

import pyarrow as pa

from kizuna.experiments.interval import Interval
from kizuna.experiments.portfolio import FALSE_DISCOVERIES, adjusted_p, shrunk
from kizuna.pipeline.measure.sums import Row, looked_at, of_all
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema


def effect_claims(effects: pa.Table, experiments: pa.Table, *, run: Run) -> pa.Table:
    """Judge the actions together, each at the horizon that it was to be judged at, or before."""
    about = {row["experiment_id"]: row for row in experiments.to_pylist()}
    by_action: dict[str, list[Row]] = defaultdict(list)
    for row in of_all(effects, about):
        by_action[row["experiment_id"]].append(row)
    chosen = [_judged(rows, about[key]["horizon_days"]) for key, rows in sorted(by_action.items())]
    claims = [_claim(row, about[row["experiment_id"]]) for row in chosen if row]
    _hold_together(claims)
    return pa.Table.from_pylist(claims, schema=arrow_schema("effect_claims"))


def _judged(rows: list[Row], horizon: int) -> Row | None:
    """Give the longest horizon looked at, up to the one that the action is judged at."""
    due = [row for row in rows if looked_at(row) and 0 < row["horizon_days"] <= horizon]
    return max(due, key=lambda row: int(row["horizon_days"]), default=None)


def _claim(row: Row, about: Row) -> Row:
    kept = {name: row[name] for name in ("experiment_id", "arm", "horizon_days", "p", "treated")}
    net = row["effect"] - row["unit_cost"]
    return kept | {"kind": about["kind"], "net_unit": net, "error": row["error"]}


def _hold_together(claims: list[Row]) -> None:
    """Add to each claim what follows from the others."""
    for claim, adjusted in zip(claims, adjusted_p([c["p"] for c in claims]), strict=True):
        claim |= {"adjusted_p": float(adjusted), "stands": bool(adjusted <= FALSE_DISCOVERIES)}
    for kind in {claim["kind"] for claim in claims}:
        mine = [claim for claim in claims if claim["kind"] == kind]
        found = shrunk([c["net_unit"] for c in mine], [max(c["error"], 1e-9) for c in mine])
        for claim, effect, error in zip(mine, found.effects, found.errors, strict=True):
            bounds = Interval.around(float(effect), float(error))
            claim |= {"shrunk": bounds.estimate}
            claim |= {"shrunk_low": bounds.low, "shrunk_high": bounds.high}
