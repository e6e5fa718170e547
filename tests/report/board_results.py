"""Results behind the value board: change, repurchase, cost by channel, forecasts that are over."""

from __future__ import annotations

from datetime import date

import pyarrow as pa

from kizuna.pipeline.tables import arrow_schema


def value_changes() -> pa.Table:
    """A month in which more was lost to silence than buyers brought."""
    since = date(1998, 5, 31)
    parts = {
        "before": (2_300, 6_000_000),
        "new": (57, 90_000),
        "bought": (151, 440_000),
        "returned": (2, -7_000),
        "silent": (2_147, -649_860),
        "now": (2_357, 5_873_140),
    }
    return pa.Table.from_pylist(
        [
            {"part": part, "since": since, "customers": people, "value": value}
            for part, (people, value) in parts.items()
        ]
    )


def value_movers() -> pa.Table:
    """One who came back, and one who fell silent, with a name."""
    rows = (
        ("8830", None, "bought", 23_644, 87_797),
        ("7145", "<b>山田 花子</b>", "silent", 77_180, 5_868),
    )
    names = ("customer_id", "name", "part", "value_before", "value_now", "change")
    return pa.Table.from_pylist(
        [dict(zip(names, (*row, row[-1] - row[-2]), strict=True)) for row in rows]
    )


def repurchase() -> pa.Table:
    """The more often, the more often again."""
    rates = {(1, 30): 0.175, (1, 90): 0.292, (2, 30): 0.238, (2, 90): 0.428}
    return pa.Table.from_pylist(
        [
            {"purchase": k, "days": days, "purchases": 1_000, "again": round(1e3 * r), "rate": r}
            for (k, days), r in rates.items()
        ]
    )


def channel_values(*, costs: bool = True) -> pa.Table:
    """Two channels and those of whom nobody knows, dearest on the web."""
    rows = []
    for channel, people, cac, ltv in (
        ("*", 2_357, 24.0, 60.0),
        ("web", 1_500, 30.0, 66.0),
        ("store", 700, 12.0, 54.0),
        ("", 157, None, 40.0),
    ):
        known = costs and cac is not None
        rows.append(
            {
                "channel": channel,
                "customers": people,
                "new_customers": people // 2 if known else 0,
                "from_on": date(1997, 1, 1) if known else None,
                "until_on": date(1997, 6, 30) if known else None,
                "cost": (cac or 0.0) * (people // 2) if known else None,
                "cac": cac if known else None,
                "ltv": ltv,
                "ltv_low": ltv * 0.8,
                "ltv_high": ltv * 1.2,
                "ltv_to_cac": ltv / cac if known and cac else None,
                "payback_month": 0 if known else None,
                "months": 17,
            }
        )
    return pa.Table.from_pylist(rows, schema=arrow_schema("channel_values"))


def past_forecasts() -> pa.Table:
    """A forecast that held, made again, and a published one that did not."""
    rows = []
    for source, month, actual in (("again", 1, 7_119.0), ("published", 4, 9_999.0)):
        rows.append(
            {
                "source": source,
                "made_on": date(1998, month, 1),
                "horizon_days": 90,
                "model": "bg_nbd",
                "customers": 2_357,
                "predicted_purchases": 7_490.0,
                "purchases_low": 5_766.0,
                "purchases_high": 9_727.0,
                "actual_purchases": actual,
            }
        )
    return pa.Table.from_pylist(rows, schema=arrow_schema("past_forecasts"))
