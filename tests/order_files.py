"""Reading files of orders in tests: one call that gives everything that came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from kizuna.pipeline.capture import OrderSources, OrdersRead, read_orders
from kizuna.pipeline.engine import Engine

TODAY = date(2026, 11, 21)
COLUMN_OPTIONS = {"customer", "date", "amount", "order", "quantity", "price", "date_order"}


@dataclass(frozen=True)
class Result:
    read: OrdersRead
    transactions: list[dict[str, Any]]
    rejected: list[dict[str, Any]]

    @property
    def days(self) -> list[str]:
        return [str(row["ordered_on"]) for row in self.transactions]

    @property
    def amounts(self) -> list[int]:
        return [row["amount"] for row in self.transactions]

    @property
    def notes(self) -> str:
        return "\n".join(map(str, self.read.notes))

    @property
    def reasons(self) -> list[tuple[int, str]]:
        return [(row["line"], row["reason"]) for row in self.rejected]


type Read = Callable[..., Result]


def read_paths(engine: Engine, paths: list[Any], **options: Any) -> Result:
    """Read files, `today` being fixed; give everything that came of it, in order."""
    said = {key: options.pop(key) for key in COLUMN_OPTIONS & options.keys()}
    result = read_orders(engine, OrderSources(paths=paths, **said), today=TODAY, **options)
    order = ["ordered_on", "customer_id", "amount", "order_id"]
    return Result(
        result,
        engine.table("transactions", order_by=order).to_pylist(),
        engine.table("rejected", order_by=["file", "line"]).to_pylist(),
    )
