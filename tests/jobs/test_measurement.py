"""A refresh measures the actions that the application wrote of, under the customers as they are."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from kizuna.jobs import outside
from kizuna.jobs.measurement import targets
from kizuna.jobs.refresh import RefreshResult, refresh
from kizuna.jobs.resolution import write_map
from kizuna.pipeline.errors import InputError
from kizuna.pipeline.measure.outside import Plan
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema
from published_shop import with_orders


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, RefreshResult]:
    """Refresh a shop in which one action held a half out, and two customers turned out one."""
    store = with_orders(tmp_path_factory.mktemp("shop"), customers=80)
    orders = store.read("transactions")
    who = sorted(set(orders["customer_id"].to_pylist()))[:40]
    day = max(orders["ordered_on"].to_pylist()) - timedelta(days=120)
    places: list[dict[str, Any]] = []
    for k, customer in enumerate(who):
        row = {"experiment_id": "7", "customer_id": customer, "unit_id": customer, "version": 1}
        row |= {"arm": "control" if k % 2 else "treated", "propensity": 0.5, "holdout": 0.5}
        on = day + timedelta(days=k % 3)
        places.append(row | {"eligible_on": on, "contaminated": False, "predicted": 10.0})
    about = {"experiment_id": "7", "kind": "mail", "horizon_days": 90, "started_on": day}
    about |= {"ended_on": day + timedelta(days=3), "always_on": False, "planned_units": 60}
    done = {"action_id": "1", "experiment_id": "7", "customer_id": who[0], "done_on": day}
    for name, rows in (
        ("assignments", places),
        ("experiments", [about]),
        ("actions", [done | {"cost": 500, "discount": 200}]),
    ):
        store.write(name, pa.Table.from_pylist(rows, schema=arrow_schema(name)))
    write_map(store, {who[1]: who[0]})  # placed a day later, in the other arm
    return store, refresh(store)


def of(shop: tuple[Store, RefreshResult], name: str) -> list[dict[str, Any]]:
    store, refreshed = shop
    return store.read(name, refreshed.versions[name]).to_pylist()


def test_every_table_of_measure_is_part_of_the_state(shop: tuple[Store, RefreshResult]) -> None:
    _, refreshed = shop
    assert set(targets()) <= refreshed.versions.keys()
    assert {"experiments", "assignments", "actions"} <= refreshed.read.keys()


def test_customers_who_are_one_now_are_one_unit_from_the_earlier_day_and_marked(
    shop: tuple[Store, RefreshResult],
) -> None:
    units = [row for row in of(shop, "experiment_units") if row["horizon_days"] == 90]
    assert len(units) == 39
    merged = [row for row in units if row["contaminated"]]
    assert [(row["arm"], row["deeds"]) for row in merged] == [("treated", 1)]
    (count,) = of(shop, "experiment_counts")
    assert (count["units"], count["contaminated"]) == (39, 1)


def test_a_small_action_is_not_yet_known(shop: tuple[Store, RefreshResult]) -> None:
    (found,) = [row for row in of(shop, "effects") if row["horizon_days"] == 90]
    assert (found["treated"], found["control"]) == (20, 19)
    assert found["verdict"] in ("unknown", "useless", "earns", "harms")
    assert found["effect_uncontaminated"] != found["effect"]
    assert [row["arm"] for row in of(shop, "effect_parts") if row["discount"] > 0] == [
        "treated"
    ] * 3


def test_a_file_of_an_experiment_is_told_in_lines(tmp_path: Path) -> None:
    path = tmp_path / "test.csv"
    rows = [f"{k % 2},{10 + k % 4 + 5 * (k % 2)},{k % 4}" for k in range(400)]
    path.write_text("group,spend,before\n" + "\n".join([*rows, ",1,1", "1,x,1"]))
    plan = Plan(arm="group", control="0", outcomes=("spend",), money="spend", cost=1.0)
    said = list(outside.lines(outside.measure(path, plan)))
    assert said[0].startswith("groups: 0 200, 1 200; chi-squared 0.0000, p 1.000")
    assert said[1] == "left out: 2 of 402 rows, without a group or a number"
    assert "1 - 0 +6 (se" in said[2]
    assert said[2].endswith("ROI 5.000; earns")
    with pytest.raises(InputError, match="no column 'revenue'"):
        outside.measure(path, Plan(arm="group", control="0", outcomes=("revenue",)))
    with pytest.raises(InputError, match="no row has"):
        outside.measure(path, Plan(arm="spend", control="zzz", outcomes=("before",)))
