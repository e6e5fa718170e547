"""How much the margin of customers differs, and how much of that the days before foretold."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from kizuna.pipeline.steps import discover
from tiny_tables import Rows, a_run, made, table

STEPS = discover("measure")
LAST = date(2024, 12, 30)


def spread(engine: Any, **rows: Rows) -> dict[int, dict[str, Any]]:
    names = ("purchase_days", "returns", "contract_phases")
    given = {name: table(name, rows.get(name, [])) for name in names}
    run = a_run(str(LAST), margin=0.5)
    found = made("margin_spread", given, run, steps=STEPS, engine=engine)
    return {row["horizon_days"]: row for row in found}


def bought(customer: str, ago: int, amount: int) -> dict[str, Any]:
    day = LAST - timedelta(days=ago)
    return {"customer_id": customer, "day": day, "orders": 1, "amount": amount}


def test_customers_of_before_are_counted_with_what_they_bought_since(engine: Any) -> None:
    found = spread(
        engine,
        purchase_days=[
            *(bought("a", 100, 50), bought("a", 30, 100), bought("a", 3, 400)),
            *(bought("b", 40, 10), bought("c", 5, 9_999)),
        ],
        returns=[bought("a", 2, -200) | {"purchased_on": LAST}],
    )
    row = found[28]
    assert (row["customers"], row["mean"]) == (2, pytest.approx(50))
    assert row["deviation"] == pytest.approx(50)
    assert row["removed"] == pytest.approx(1.0)
    assert 365 not in found


def test_contracts_count_by_the_day(engine: Any) -> None:
    def phase(customer: str, ago: int, until: int | None, mrr: int) -> dict[str, Any]:
        ends = None if until is None else LAST - timedelta(days=until)
        begins = LAST - timedelta(days=ago)
        return {"customer_id": customer, "from_on": begins, "until_on": ends, "mrr": mrr}

    phases = [phase("a", 60, None, 304), phase("b", 60, 14, 304)]
    row = spread(engine, contract_phases=phases)[28]
    assert row["mean"] == pytest.approx(0.5 * 304 / 30.4375 * (28 + 14) / 2)


def test_where_nothing_differs_nothing_is_foretold(engine: Any) -> None:
    found = spread(engine, purchase_days=[bought("a", 40, 10), bought("b", 40, 10)])
    assert (found[28]["deviation"], found[28]["removed"]) == (0, 0)
