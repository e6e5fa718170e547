"""Repurchase: who bought again within some days, of those observed for so long."""

from __future__ import annotations

from typing import Any

from tiny_tables import a_run, made, transactions

LOG = {
    "transactions": transactions(
        ("a", "2024-01-01", 1),
        ("a", "2024-01-20", 1),
        ("a", "2024-03-31", 1),
        ("b", "2024-01-01", 1),
        ("b", "2024-02-10", 1),
        ("c", "2024-03-20", 1),
    )
}


def rates(as_of: str, engine: Any) -> dict[tuple[int, int], tuple[int, int]]:
    rows = made("repurchase", LOG, a_run(as_of), engine=engine)
    return {(r["purchase"], r["days"]): (r["purchases"], r["again"]) for r in rows}


def test_only_purchases_of_so_many_days_ago_count(engine: Any) -> None:
    found = rates("2024-03-31", engine)
    assert found[1, 30] == (2, 1)
    assert found[1, 90] == (2, 2)
    assert (1, 180) not in found


def test_a_purchase_too_young_to_tell_is_no_customer_lost(engine: Any) -> None:
    assert rates("2024-04-20", engine)[1, 30] == (3, 1)


def test_the_second_purchase_is_counted_apart(engine: Any) -> None:
    assert rates("2024-03-31", engine)[2, 30] == (2, 0)
