"""Write the simulated company down: an order log as shops export it, and the truth beside it."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from kizuna.clv.data import FloatArray
from kizuna.demo.behaviour import CHANNELS, Orders, People, Truth

HEADERS = {
    "ja": ("注文番号", "注文日時", "顧客番号", "流入経路", "金額"),
    "en": ("order_id", "ordered_at", "customer_id", "channel", "amount"),
}
OPENS, OPEN_HOURS = 7, 16
BAD_ROWS = {
    "no_customer": {"customer": ""},
    "bad_date": {"at": "2025/02/30"},
    "bad_amount": {"amount": "―"},
}
BAD_EACH = 3


def customer_id(number: int) -> str:
    """Name of customer `number`, from 0."""
    return f"C{number + 1:06d}"


def write_orders(
    path: Path, people: People, orders: Orders, start: date, lang: str, rng: np.random.Generator
) -> dict[str, int]:
    """Write the log as CSV with a byte order mark; count the bad rows put into it, by kind."""
    names = [c.name_ja if lang == "ja" else c.name for c in CHANNELS]
    rows = [
        {
            "order": f"{'H' if value > 0 else 'R'}{number:07d}",
            "at": _moment(start, day),
            "customer": customer_id(customer),
            "channel": names[people.channel[customer]],
            "amount": str(value),
        }
        for number, (customer, day, value) in enumerate(
            zip(orders.customer, orders.day, orders.value, strict=True), start=1
        )
    ]
    kinds = _spoil(rows, rng)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS[lang])
        writer.writerows(row.values() for row in rows)
    return dict(kinds)


def write_truth(
    customers_path: Path,
    truth_path: Path,
    people: People,
    future: Mapping[str, FloatArray],
    truth: Truth,
    bad_rows: Mapping[str, int],
) -> None:
    """Write what is known of each customer, and of all together."""
    table = pa.table(
        {
            "customer_id": [customer_id(i) for i in range(len(people.first))],
            "channel": [CHANNELS[c].name for c in people.channel],
            "purchases_per_year": people.purchase_rate * 365,
            "leaving_per_year": people.leaving_rate * 365,
            "mean_value": people.mean_value,
            **future,
            "alive": future["alive"] > 0,
        }
    )
    pq.write_table(table, customers_path)
    totals = {name: float(values.sum()) for name, values in future.items()}
    summary = {
        "customers": len(people.first),
        "totals": totals,
        "parameters": asdict(truth),
        "channels": [asdict(c) for c in CHANNELS],
        "bad_rows": dict(bad_rows),
    }
    truth_path.write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", "utf-8")


def _moment(start: date, day: float) -> str:
    """Turn a day with its fraction into a moment within opening hours."""
    hours = OPENS + OPEN_HOURS * (day % 1.0)
    moment = datetime.combine(start, time()) + timedelta(days=int(day), seconds=int(hours * 3600))
    return moment.strftime("%Y/%m/%d %H:%M:%S")


def _spoil(rows: list[dict[str, str]], rng: np.random.Generator) -> Counter[str]:
    """Slip in what exports contain: unreadable copies of rows, and rows exported twice."""
    kinds: Counter[str] = Counter()
    for kind, change in [*BAD_ROWS.items(), ("duplicate", {})]:
        for at in sorted(rng.integers(0, len(rows), BAD_EACH), reverse=True):
            order = rows[at]["order"] if kind == "duplicate" else f"X{kinds.total():07d}"
            rows.insert(int(at) + 1, rows[at] | {"order": order} | change)
            kinds[kind] += 1
    return kinds
