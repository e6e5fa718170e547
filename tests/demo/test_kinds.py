"""Customers are of kinds that are known, and the product finds them by how they behave."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kizuna.demo import DemoCompany, simulate_company
from kizuna.demo.behaviour import HANA
from kizuna.demo.kinds import KINDS, PLAIN
from kizuna.experience.personas import adjusted_rand
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.run import execute
from kizuna.pipeline.steps import select
from tiny_tables import STEPS, Rows, a_run, table

AS_OF = date(2026, 3, 31)
CUSTOMERS, SEEDS = 800, (1, 2, 3, 4, 5)


def company(folder: Path, seed: int, **truth: Any) -> DemoCompany:
    told = replace(HANA, **truth)
    return simulate_company(folder, as_of=AS_OF, customers=CUSTOMERS, seed=seed, truth=told)


def found(made: DemoCompany) -> tuple[dict[str, Any], dict[str, int]]:
    """Have the product look for personas; give what it says of them, and who is of which."""
    with Engine(threads=1) as engine:
        for name, rows in (("transactions", bought(made)), ("interactions", asked(made))):
            engine.register(name, table(name, rows))
        for name in ("events", "contracts", "contract_changes", "customers"):
            engine.register(name, table(name, []))
        execute(select(STEPS, "personas"), engine, a_run(AS_OF.isoformat()))
        rows = engine.table("personas").to_pylist()
        model = engine.table("persona_model").to_pylist()[0]
    return model, {row["customer_id"]: int(row["persona"]) - 1 for row in rows}


def bought(made: DemoCompany) -> Rows:
    with made.orders.open(encoding="utf-8-sig", newline="") as file:
        rows = {row["注文番号"]: row for row in csv.DictReader(file)}
    said = [(number, row) for number, row in rows.items() if number[0] in "HR"]
    days = [datetime.strptime(row["注文日時"], "%Y/%m/%d %H:%M:%S").date() for _, row in said]
    return [
        {"customer_id": row["顧客番号"], "order_id": number, "amount": int(row["金額"])}
        | {"currency": "JPY", "ordered_on": day, "purchased_on": day}
        for (number, row), day in zip(said, days, strict=True)
    ]


def asked(made: DemoCompany) -> Rows:
    rows = [json.loads(line) for line in made.touched.interactions.read_text("utf-8").splitlines()]
    names = ("interaction_id", "customer_id", "channel", "direction")
    return [
        {name: row[name] for name in names}
        | {"happened_at": datetime.fromisoformat(row["happened_at"]).replace(tzinfo=None)}
        for row in rows
    ]


def kinds(made: DemoCompany) -> dict[str, int]:
    rows: pa.Table = pq.read_table(made.customers, columns=["customer_id", "kind"])
    number = {kind.key: at for at, kind in enumerate(KINDS)}
    return {row["customer_id"]: number[row["kind"]] for row in rows.to_pylist()}


def agreement(own: dict[str, int], true: dict[str, int]) -> float:
    pairs = np.array([(kind, true[who]) for who, kind in own.items()])
    return adjusted_rand(pairs[:, 0], pairs[:, 1])


@pytest.mark.parametrize("seed", SEEDS)
def test_planted_kinds_are_recovered_and_accepted(seed: int, tmp_path: Path) -> None:
    made = company(tmp_path, seed)
    model, own = found(made)
    true = kinds(made)
    assert (model["status"], model["kinds"], len(own)) == ("accepted", len(KINDS), CUSTOMERS)
    assert agreement(own, true) > 0.8
    shuffled = np.random.default_rng(seed).permutation(list(true.values()))
    assert abs(agreement(own, dict(zip(true, shuffled.tolist(), strict=True)))) < 0.05
    told = json.loads(made.truth.read_text("utf-8"))["kinds"]
    assert [one["customers"] for one in told] == np.bincount(list(true.values())).tolist()


def test_a_company_whose_customers_differ_by_degrees_has_no_kinds(tmp_path: Path) -> None:
    model, own = found(company(tmp_path, 1, kinds=(PLAIN,), r=0.9, alpha=80.0))
    assert model["status"] != "accepted"
    assert own == {}
