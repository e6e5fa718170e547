"""The plain formula: factors by hand, and the rule for relationships that go on."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from tiny_tables import a_run, made, transactions

YEAR = 365.25


def factors(log: pa.Table, run: Any, engine: Any = None) -> dict[str, dict[str, Any]]:
    rows = made("ltv_factors", {"transactions": log}, run, engine=engine)
    return {row["factor"]: row for row in rows}


def product(found: dict[str, dict[str, Any]]) -> float:
    value = 1.0
    for row in found.values():
        value *= row["value"]
    return value


# a buys every 10 days and is silent for 60: ended after 21 days; b bought 5 days ago: goes on
LOG = transactions(
    ("a", "2024-01-01", 1000),
    ("a", "2024-01-11", 1000),
    ("a", "2024-01-21", 1000),
    ("b", "2024-03-16", 600),
)


def test_factors_of_a_tiny_log(engine: Any) -> None:
    found = factors(LOG, a_run("2024-03-21", margin=0.5), engine)
    values = {name: (row["value"], row["rows"]) for name, row in found.items()}
    assert values == {
        "average_purchase_value": (9.0, 4),
        "purchases_per_year": (pytest.approx(4 / (27 / YEAR)), 4),
        "relationship_years": (pytest.approx(27 / YEAR), 1),
        "margin": (0.5, 0),
    }


def test_the_product_is_the_value_of_all_purchases_per_ended_relationship() -> None:
    assert product(factors(LOG, a_run("2024-03-21"))) == pytest.approx(36.0)


def test_returns_lower_the_average_purchase_value() -> None:
    log = transactions(("a", "2024-01-01", 1000), ("a", "2024-01-03", -400))
    found = factors(log, a_run("2024-01-04"))
    assert found["average_purchase_value"]["value"] == 6.0


def test_where_no_relationship_has_ended_the_time_so_far_stands_in(engine: Any) -> None:
    log = transactions(("a", "2024-01-01", 1000), ("b", "2024-01-06", 500))
    found = factors(log, a_run("2024-01-10"), engine)
    length = found["relationship_years"]
    assert length["definition"] == "years_so_far"
    assert length["rows"] == 2
    assert length["value"] == pytest.approx((10 + 5) / 2 / YEAR)


def test_an_empty_log_leaves_the_factors_unknown(engine: Any) -> None:
    found = factors(transactions(), a_run(), engine)
    known = [name for name, row in found.items() if row["value"] is not None]
    assert known == ["margin"]


def test_weeks_and_days_give_the_same_factors() -> None:
    for name, row in factors(LOG, a_run("2024-03-21", period="week")).items():
        assert row["value"] == pytest.approx(factors(LOG, a_run("2024-03-21"))[name]["value"])


def test_a_relationship_that_goes_on_lengthens_the_mean() -> None:
    """The twin of leaving it out, or of counting it as ended today."""
    run = a_run("2024-03-21")
    ended = transactions(("a", "2024-01-01", 100), ("a", "2024-01-02", 100))
    going = transactions(("b", "2024-03-20", 100), ("b", "2024-03-21", 100))
    alone = factors(ended, run)["relationship_years"]["value"]
    both = factors(pa.concat_tables([ended, going]), run)["relationship_years"]["value"]
    assert both == pytest.approx(2 * alone)
