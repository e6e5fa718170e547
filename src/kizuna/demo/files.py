"""Write the simulated company down: an order log as shops export it, and the truth beside it."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from kizuna.clv.data import FloatArray
from kizuna.demo.behaviour import CHANNELS, Orders, People, Truth
from kizuna.demo.past import Past
from kizuna.demo.people import customer_id

HEADERS = {
    "ja": ("注文番号", "注文日時", "顧客番号", "流入経路", "金額"),
    "en": ("order_id", "ordered_at", "customer_id", "channel", "amount"),
}
CUSTOMER_HEADERS = {
    "customer_id": "顧客番号",
    "name": "氏名",
    "name_kana": "フリガナ",
    "kind": "区分",
    "email": "メールアドレス",
    "phone": "電話番号",
    "region": "都道府県",
    "city": "市区町村",
    "channel": "流入経路",
    "acquired_on": "獲得日",
    "parent_id": "親会社",
    "owner_email": "担当者メールアドレス",
}
CARD_HEADERS = {"customer_id": "会員番号"} | {
    name: CUSTOMER_HEADERS[name]
    for name in ("name", "name_kana", "kind", "email", "phone", "region", "city")
}
COST_HEADERS = {
    "cost_id": "費用番号",
    "kind": "費用種別",
    "channel": "流入経路",
    "from_on": "開始日",
    "until_on": "終了日",
    "amount": "金額",
}
CONTRACT_HEADERS = {
    "contract_id": "契約番号",
    "customer_id": "顧客番号",
    "product": "プラン",
    "started_on": "契約開始日",
    "ended_on": "契約終了日",
    "term_months": "契約期間",
    "auto_renew": "自動更新",
    "notice_days": "解約予告日数",
    "seats": "席数",
    "amount": "契約金額",
    "billing_months": "請求月数",
    "cancelled_on": "解約申込日",
    "cancel_reason": "解約理由",
}
CHANGE_HEADERS = {
    "change_id": "変更番号",
    "contract_id": "契約番号",
    "changed_on": "変更日",
    "amount": "変更後金額",
    "seats": "変更後席数",
}
RESPONSE_HEADERS = {
    "response_id": "回答番号",
    "customer_id": "顧客番号",
    "answered_at": "回答日時",
    "survey": "アンケート名",
    "kind": "指標",
    "score": "点数",
    "scale_low": "尺度最小",
    "scale_high": "尺度最大",
    "comment": "コメント",
    "case_id": "受付番号",
}
"""Part of the standard table → header in Japanese; in English the part is the header."""
OPENS, OPEN_HOURS = 7, 16
BAD_ROWS = {
    "no_customer": {"customer": ""},
    "bad_date": {"at": "2025/02/30"},
    "bad_amount": {"amount": "―"},
}
BAD_EACH = 3


def write_orders(path: Path, past: Past, rng: np.random.Generator) -> dict[str, int]:
    """Write the log as CSV with a byte order mark; count the bad rows put into it, by kind."""
    rows = list(_rows(past, past.orders, 0))
    kinds = _spoil(rows, rng)
    _write(path, HEADERS[past.lang], _between(rows, _rows(past, past.added, len(past.orders.day))))
    return dict(kinds)


def _rows(past: Past, orders: Orders, before: int) -> Iterator[dict[str, str]]:
    """Give the rows of orders, numbered on from those before."""
    names = [c.name_ja if past.lang == "ja" else c.name for c in CHANNELS]
    for number, (customer, day, value) in enumerate(
        zip(orders.customer, orders.day, orders.value, strict=True), start=before + 1
    ):
        yield {
            "order": order_number(number, value),
            "at": moment_of(past.start, day).strftime("%Y/%m/%d %H:%M:%S"),
            "customer": customer_id(customer),
            "channel": names[past.people.channel[customer]],
            "amount": str(value),
        }


def _between(
    rows: Iterable[dict[str, str]], added: Iterator[dict[str, str]]
) -> Iterator[dict[str, str]]:
    """Put orders that were added where their moment is; what is unreadable stays behind its row."""
    waiting = next(added, None)
    for row in rows:
        while waiting and row["order"][0] in "HR" and waiting["at"] < row["at"]:
            yield waiting
            waiting = next(added, None)
        yield row
    yield from () if waiting is None else (waiting, *added)


def write_list(
    path: Path, headers: Mapping[str, str], rows: Iterable[Mapping[str, str]], lang: str
) -> None:
    """Write a list that is no order log: customers, costs."""
    _write(path, tuple(headers.values() if lang == "ja" else headers), rows)


def write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a row a line, as JSON."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def write_truth(
    customers_path: Path,
    truth_path: Path,
    people: People,
    future: Mapping[str, FloatArray],
    truth: Truth,
    bad_rows: Mapping[str, int],
    known: Mapping[str, Any],
) -> None:
    """Write what is known of each customer, and of all together."""
    table = pa.table(
        {
            "customer_id": [customer_id(i) for i in range(len(people.first))],
            "channel": [CHANNELS[c].name for c in people.channel],
            "kind": [truth.kinds[kind].key for kind in people.kind],
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
        **known,
    }
    truth_path.write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", "utf-8")


def _write(path: Path, header: tuple[str, ...], rows: Iterable[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(row.values() for row in rows)


def moment_of(start: date, day: float) -> datetime:
    """Turn a day with its fraction into a moment within opening hours, by the shop's clock."""
    hours = OPENS + OPEN_HOURS * (day % 1.0)
    return datetime.combine(start, time()) + timedelta(days=int(day), seconds=int(hours * 3600))


def order_number(number: int, value: int) -> str:
    """Name of an order, or where its value is negative of a return; `number` is from 1."""
    return f"{'H' if value > 0 else 'R'}{number:07d}"


def _spoil(rows: list[dict[str, str]], rng: np.random.Generator) -> Counter[str]:
    """Slip in what exports contain: unreadable copies of rows, and rows exported twice."""
    kinds: Counter[str] = Counter()
    for kind, change in [*BAD_ROWS.items(), ("duplicate", {})]:
        for at in sorted(rng.integers(0, len(rows), BAD_EACH), reverse=True):
            order = rows[at]["order"] if kind == "duplicate" else f"X{kinds.total():07d}"
            rows.insert(int(at) + 1, rows[at] | {"order": order} | change)
            kinds[kind] += 1
    return kinds
