"""What changed in a month: parts that add up to the unit, and who moved most."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command import shop_log
from kizuna.jobs.movement import month_before, whole_parts
from kizuna.jobs.options import ValueOptions
from kizuna.jobs.value import ValueResult, value
from kizuna.pipeline.tables import check

TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def valued(tmp_path_factory: pytest.TempPathFactory) -> ValueResult:
    """Value a small shop."""
    log = shop_log(Path(tmp_path_factory.mktemp("shop")) / "log.csv")
    return value(ValueOptions(orders=(str(log),), currency="USD"), today=TODAY)


@pytest.fixture(scope="module")
def changes(valued: ValueResult) -> dict[str, dict[str, int]]:
    return {row["part"]: row for row in valued.tables["value_changes"].to_pylist()}


def test_the_parts_add_up_to_the_unit(changes: dict[str, dict[str, int]]) -> None:
    parts = sum(changes[name]["value"] for name in ("new", "bought", "returned", "silent"))
    assert changes["before"]["value"] + parts == changes["now"]["value"]


def test_it_ends_at_customer_equity(
    valued: ValueResult, changes: dict[str, dict[str, int]]
) -> None:
    equity = valued.summary["customer_equity"]["value"]
    assert changes["now"]["value"] / 100 == pytest.approx(equity, abs=0.01)


def test_it_begins_at_the_equity_that_was_known_then(
    valued: ValueResult, changes: dict[str, dict[str, int]]
) -> None:
    then = [r for r in valued.tables["value_movers"].to_pylist() if r["part"] != "new"]
    assert (
        changes["before"]["customers"] + changes["new"]["customers"] == changes["now"]["customers"]
    )
    assert all(row["value_before"] > 0 for row in then)


def test_who_bought_gained_and_who_did_not_lost(changes: dict[str, dict[str, int]]) -> None:
    assert changes["bought"]["value"] > 0 > changes["silent"]["value"]
    assert changes["bought"]["customers"] > 0


def test_movers_are_the_largest_changes_first(valued: ValueResult) -> None:
    movers = valued.tables["value_movers"]
    check("value_movers", movers)
    moved = movers["change"].to_pylist()
    assert moved == sorted(moved, reverse=True)
    assert moved[0] > 0 > moved[-1]
    assert all(r["value_now"] - r["value_before"] == r["change"] for r in movers.to_pylist())


@pytest.mark.parametrize(
    ("day", "before"),
    [
        ("2024-03-31", "2024-02-29"),
        ("2024-02-29", "2024-01-31"),
        ("2024-03-30", "2024-02-28"),
        ("2024-01-15", "2023-12-15"),
        ("1998-06-30", "1998-05-31"),
    ],
)
def test_a_month_before_a_day(day: str, before: str) -> None:
    assert month_before(date.fromisoformat(day)) == date.fromisoformat(before)


@given(st.lists(st.floats(-1e9, 1e9), min_size=4, max_size=4))
def test_rounded_parts_add_up_and_stay_near(values: list[float]) -> None:
    total = round(sum(values))
    parts = whole_parts(values, total)
    assert sum(parts) == total
    assert all(abs(part - value) <= 2 for part, value in zip(parts, values, strict=True))


def test_parts_rounded_one_by_one_would_not_add_up() -> None:
    values = [0.5, 0.5, 0.5, 0.5]
    assert sum(map(round, values)) != 2
    assert sum(whole_parts(values, 2)) == 2
