"""What scenarios are computed from: the published summary and tables, as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import prod
from typing import Any

import numpy as np
import pyarrow as pa

from kizuna.clv.data import FloatArray
from kizuna.clv.what_if import Known, Total
from kizuna.pipeline.know.what_if import DRAWS
from kizuna.pipeline.parameters import minor_units

TABLES = ("what_if", "what_if_months")
FACTORS = ("average_purchase_value", "purchases_per_year", "relationship_years", "margin")


def known_of(summary: Mapping[str, Any], tables: Mapping[str, pa.Table]) -> Known | None:
    """Give what is known; None where there was too little data for a model."""
    equity, purchases = summary.get("customer_equity"), summary.get("expected_purchases")
    if any(t not in tables or not tables[t].num_rows for t in TABLES):
        return None
    if not equity or not purchases or not equity.get("low") or not purchases.get("low"):
        return None
    units = minor_units(summary.get("currency") or "XXX")
    table = tables["what_if"].sort_by([("draw", "ascending"), ("loss", "ascending")])
    order = ("draw", "loss", "month")
    months = tables["what_if_months"].sort_by([(name, "ascending") for name in order])
    losses = np.unique(_column(table, "loss"))
    shape = (-1, len(losses))
    by_loss = {
        name: _column(table, name).reshape(shape)
        for name in ("equity", "purchases", "kept", "new_purchases", "order_value", "first_order")
    }
    last = int(_column(months, "month").max())
    return Known(
        losses=losses,
        draws=DRAWS,
        equity=by_loss["equity"],
        purchases=by_loss["purchases"],
        kept=by_loss["kept"],
        new_purchases=by_loss["new_purchases"],
        months=_column(months, "purchases").reshape(*shape, last),
        order_value=by_loss["order_value"][:, 0] / units,
        first_order=by_loss["first_order"][:, 0] / units,
        equity_now=_total(equity),
        purchases_now=_total(purchases),
        margin=float(summary["options"]["margin"]),
    )


def _total(found: Mapping[str, Any]) -> Total:
    names = ("value", "low", "high", "customers", "parameters")
    return Total(*(float(found[name]) for name in names))


def _column(table: pa.Table, name: str) -> FloatArray:
    return np.asarray(table[name].to_numpy(), np.float64)


def plain_factors(rows: Iterable[Mapping[str, Any]]) -> dict[str, float | None]:
    """Give the factors of the plain formula, in its order; none where they are not published."""
    values = {row["factor"]: row["value"] for row in rows}
    return {name: values[name] for name in FACTORS if name in values}


def plain_ltv(factors: Mapping[str, float | None]) -> float | None:
    """Multiply the factors; None where one is not known."""
    found = [factors.get(name) for name in FACTORS]
    return None if None in found else prod(value for value in found if value is not None)
