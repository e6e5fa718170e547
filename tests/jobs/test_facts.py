"""The last stage of a refresh, and facts as of a day of the past, from a store."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pyarrow import csv, parquet

from kizuna.jobs.facts import VALUE, month_ends, targets
from kizuna.jobs.options import ValueOptions
from kizuna.jobs.past_facts import facts_as_of, written
from kizuna.jobs.refresh import refresh
from kizuna.jobs.revenue import REVENUE
from kizuna.pipeline.errors import InputError
from kizuna.pipeline.fact_tables import topics
from kizuna.pipeline.run import discover
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import TABLES
from tiny_tables import table, transactions

OPTIONS = ValueOptions(orders=())
LAST = date(2024, 12, 31)
ORDERS = transactions(
    *[(f"c{k}", f"{date(2023, 1, 5) + timedelta(days=29 * k + 40 * n)}", 900 + k)
      for k in range(8) for n in range(1 + k % 4)]
)  # fmt: skip
OPENED = datetime(2024, 12, 20, 9)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A refreshed store of a tiny shop that is seen in events after its last order."""
    found = Store(tmp_path_factory.mktemp("store"))
    found.write("transactions", ORDERS)
    opened = {"event_id": "1", "customer_id": "c1", "name": "Opened", "happened_at": OPENED}
    found.write("events", table("events", [opened]))
    people = [{"contact_id": "1", "customer_id": "c2", "role": "sponsor", "known_on": LAST}]
    found.write("contacts", table("contacts", people))
    refresh(found, today=LAST)
    return found


def facts_of(store: Store, customer: str) -> dict[str, Any]:
    rows = store.read("customer_facts").to_pylist()
    return next(row for row in rows if row["customer_id"] == customer)


def test_facts_hold_for_the_last_day_that_anything_is_known_of(store: Store) -> None:
    days = store.read("fact_panel")["day"].to_pylist()
    assert max(days) == OPENED.date()
    assert facts_of(store, "c1")["days_since_use"] == 0
    last = facts_of(store, "c1")["last_purchase"]
    assert facts_of(store, "c1")["days_since_purchase"] == (OPENED.date() - last).days


def test_who_was_never_seen_has_no_data_rather_than_zeros(store: Store) -> None:
    assert facts_of(store, "c3")["active_days_28d"] is None


def test_people_of_the_application_are_counted(store: Store) -> None:
    assert (facts_of(store, "c2")["sponsors_known"], facts_of(store, "c1")["sponsors_known"]) == (
        *(1, None),
    )


def test_facts_of_a_past_day_are_those_of_the_panel(store: Store) -> None:
    panel = store.read("fact_panel").to_pylist()
    day = date(2023, 6, 30)
    then = {r["customer_id"]: r for r in panel if r["day"] == day}
    found = {r["customer_id"]: r for r in facts_as_of(store, day, OPTIONS).to_pylist()}
    assert then
    assert found == then
    assert facts_as_of(store, day, OPTIONS, ["c1"]).to_pylist() == [then["c1"]]
    for topic in topics(TABLES):  # one by one: no column that a topic reads is left out
        facts = set(topic.column_names) & then["c1"].keys() - {"customer_id", "day"}
        [one] = facts_as_of(store, day, OPTIONS, ["c1"], only=facts).to_pylist()
        assert {name: then["c1"][name] for name in facts}.items() <= one.items()


def test_facts_are_written_as_the_file_is_called(store: Store, tmp_path: Path) -> None:
    found = facts_as_of(store, LAST, OPTIONS)
    assert written(found, tmp_path / "facts.parquet") == ""
    assert parquet.read_table(tmp_path / "facts.parquet").equals(found)
    written(found, tmp_path / "facts.csv")
    assert csv.read_csv(tmp_path / "facts.csv").num_rows == found.num_rows
    assert written(found, None).count("\n") == found.num_rows + 1


def test_facts_of_nobody_are_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="import some first"):
        facts_as_of(Store(tmp_path), LAST, OPTIONS)


def test_each_step_belongs_to_one_stage() -> None:
    assert {step.name for step in discover("know")} >= VALUE
    assert not set(targets()) & VALUE.union(REVENUE)


def test_ends_of_months_are_those_that_were_observed() -> None:
    assert month_ends(date(2024, 10, 31), date(2024, 12, 31)) == (
        *(date(2024, 10, 31), date(2024, 11, 30)),
    )
    assert month_ends(date(2024, 12, 5), date(2024, 12, 31)) == ()
    assert len(month_ends(date(2000, 1, 1), LAST)) == 24
