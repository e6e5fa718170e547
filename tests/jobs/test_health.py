"""Terms of health are tried on days whose outcome is known; what was told is kept by difference."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from kizuna.experience.scorecard import Card, Group, Measure
from kizuna.jobs.health import LOG, by_band, keep, shift, tried
from kizuna.pipeline.health_tables import GROUPS
from kizuna.pipeline.know.health_bands import BY_KIND
from kizuna.pipeline.store import Store
from tiny_tables import table

DAY = date(2024, 6, 30)
RISING = Card((Group("use", 100.0, (Measure("days_since_use", 100.0, 0.0),)),))
UPSIDE_DOWN = Card((Group("use", 100.0, (Measure("days_since_use", 0.0, 100.0),)),))
BANDS = table(
    "health_bands",
    [
        {"kind": kind, "band": band, "from_health": start}
        for kind, limits in BY_KIND.items()
        for band, start in zip(("critical", "watch", "healthy"), (0.0, *limits), strict=True)
    ],
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, ...]]:
    """Customers who leave when they have not used anything for long."""
    store = Store(tmp_path_factory.mktemp("store"))
    rng = np.random.default_rng(7)
    idle = rng.integers(0, 100, 300).tolist()
    who = [{"customer_id": f"c{k}", "day": DAY} for k in range(300)]
    left = [bool(rng.random() < days / 100) for days in idle]
    store.write("fact_panel", _rows("fact_panel", who, days_since_use=idle))
    forecast = {"kind": "contract", "model": "learner", "ended_on": None}
    chances = [days / 100 for days in idle]
    forecasts = [row | forecast for row in who]
    store.write(
        "churn_forecasts", _rows("churn_forecasts", forecasts, probability=chances, has_left=left)
    )
    used = {"kind": "contract", "model": "learner", "horizon_days": 90, "used": True}
    report = [used | {"reason": "better", "events": 150, "needed": 30}]
    store.write("churn_report", table("churn_report", report))
    return {name: store.files(name) for name in store.names()}


def _rows(name: str, rows: list[dict[str, Any]], **columns: list[Any]) -> pa.Table:
    more = [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]
    return table(name, [row | one for row, one in zip(rows, more, strict=True)])


def cards(card: Card) -> pa.Table:
    return table("scorecards", [{"version": 1, "card": card.to_json()}])


def auc(files: Any, card: Card) -> dict[str, float]:
    found = tried(files, scorecards=cards(card), bands=BANDS).report
    return {row["score"]: row["auc"] for row in found}


def test_a_scorecard_is_tested_beside_what_was_forecast(files: Any) -> None:
    good, bad = auc(files, RISING), auc(files, UPSIDE_DOWN)
    assert good["learned"] == pytest.approx(good["scorecard"], abs=0.01)
    assert good["scorecard"] > 0.7
    assert bad["scorecard"] == pytest.approx(1 - good["scorecard"], abs=0.01)


def test_other_bands_part_the_same_customers_otherwise(files: Any) -> None:
    strict = BANDS.set_column(
        2, "from_health", pa.array([0.0 if v == 0 else v + 20 for v in BANDS[2].to_pylist()])
    )
    usual = tried(files, scorecards=cards(RISING), bands=BANDS).by_band
    other = tried(files, scorecards=cards(RISING), bands=strict).by_band

    def healthy(rows: Any) -> int:
        return sum(r["customers"] for r in rows if r["band"] == "healthy")

    assert healthy(other) < healthy(usual)
    assert sum(r["customers"] for r in other) == sum(r["customers"] for r in usual)


def test_what_a_scorecard_changes_for_customers_of_today(files: Any) -> None:
    same = shift(files, scorecards=cards(RISING), card=RISING)
    assert (same.rising, same.falling, same.scored) == (0, 0, 300)
    turned = shift(files, scorecards=cards(RISING), card=UPSIDE_DOWN)
    assert turned.rising + turned.falling > 200
    assert shift({}, scorecards=cards(RISING), card=RISING).customers == 0


def scores(store: Store, *rows: tuple[str, float, str]) -> dict[str, tuple[str, ...]]:
    """Write what a publication told: customer, health, model."""
    points = {f"health_{group}": 0.0 for group in GROUPS}
    plain = {"health_usual": 60.0, "health_known": 1.0, "health_band": "watch"} | points
    health = [{"customer_id": c, "health": h} | plain for c, h, _model in rows]
    churn = {"churn_probability": 0.1, "churn_low": 0.0, "churn_high": 1.0}
    churn |= {"churn_horizon_days": 90, "churn_kind": "contract"}
    leaving = [{"customer_id": c, "churn_model": model} | churn for c, _h, model in rows]
    store.write("health_scores", table("health_scores", health))
    store.write("churn_scores", table("churn_scores", leaving))
    return {name: store.files(name) for name in ("health_scores", "churn_scores")}


def test_only_what_moved_by_a_point_or_was_told_otherwise_is_kept(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    first = scores(store, ("a", 70.0, "rate"), ("b", 60.0, "rate"), ("c", 50.0, "rate"))
    assert keep(store, first, number=1, told_on=date(2024, 1, 1)) == 3
    assert keep(store, first, number=1, told_on=date(2024, 1, 1)) == 0
    later = scores(store, ("a", 70.4, "rate"), ("b", 60.0, "learner"))
    assert keep(store, later, number=2, told_on=date(2024, 1, 2)) == 2
    new = [row for row in store.read(LOG).to_pylist() if row["publication"] == 2]
    assert sorted((row["customer_id"], row["health"]) for row in new) == [("b", 60.0), ("c", None)]
    assert keep(store, later, number=3, told_on=date(2024, 1, 3)) == 0


def test_small_moves_add_up_to_one_that_is_kept(tmp_path: Path) -> None:
    store, kept = Store(tmp_path / "store"), []
    for number, health in enumerate((70.0, 69.6, 69.2, 68.8), start=1):
        told = scores(store, ("a", health, "rate"))
        kept.append(keep(store, told, number=number, told_on=date(2024, 1, number)))
    assert kept == [1, 0, 0, 1]


def test_customers_are_counted_by_the_bands_that_are_given(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    told = scores(store, ("a", 10.0, "rate"), ("b", 60.0, "rate"), ("c", 75.0, "rate"))
    found = {row["band"]: row["customers"] for row in by_band(told, BANDS)}
    assert found == {"critical": 1, "watch": 1, "healthy": 1}
    assert by_band({}, BANDS) == []
