"""Many are erased out of very many, and a search of every byte and value finds none of them."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq

from kizuna.jobs.erasure import erase, subject
from kizuna.pipeline.store import Store

SOAK = os.environ.get("KIZUNA_HYPOTHESIS") == "soak"
CUSTOMERS, ERASED = (1_000_000, 1_000) if SOAK else (5_000, 25)
NOW = datetime(2026, 4, 1, tzinfo=UTC)


def filled(home: Path) -> Store:
    """Make customers, their orders and their contacts, in which each tenth names another."""
    store, numbers = Store(home / "store"), range(CUSTOMERS)
    ids = [f"cust-{n:08d}" for n in numbers]
    mails = [f"mail{n:08d}@example.jp" for n in numbers]
    store.write("customers", pa.table({"customer_id": ids, "email": mails}))
    store.write("order_log", pa.table({"customer_id": ids, "amount": list(numbers)}))
    said = [f"see {mails[-n]}" if n % 10 == 0 else "hello" for n in numbers]
    store.write("interactions", pa.table({"customer_id": ids, "text": said}))
    return store


def traces(home: Path, erased: set[int]) -> list[str]:
    """Search all bytes below a folder, and all values of packed tables."""
    found = []
    for path in (p for p in home.rglob("*") if p.is_file()):
        texts = [path.read_bytes().decode("latin-1")]
        if path.suffix == ".parquet":
            texts += [repr(column.to_pylist()) for column in pq.read_table(path).columns]
        for text in texts:
            named = {int(n) for n in re.findall(r"(?:cust-|mail)(\d{8})", text)}
            found += [str(path)] * bool(named & erased)
    return found


def test_no_byte_and_no_value_names_any_of_them_and_all_others_are_there(tmp_path: Path) -> None:
    store = filled(tmp_path)
    erased = set(Random(7).sample(range(CUSTOMERS), ERASED))
    assert traces(tmp_path, erased)
    erase(store, subject(store, [f"cust-{n:08d}" for n in sorted(erased)]), at=NOW)
    assert traces(tmp_path, erased) == []
    for name in ("customers", "order_log", "interactions"):
        assert store.read(name).num_rows == CUSTOMERS - ERASED
