"""From an event to the alert in the inbox, and rules tried on a past year.

python -m benchmarks.alerts [live|past] [--customers 1000000] [--rate 1000] [--seconds 60]

`live` runs the door that takes events in and a worker, each a process of its own, sends events at a
steady rate, and counts for each failed payment the seconds until its alert is in the database.
`past` tries rules on weekly facts of a year.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from kizuna.pipeline.engine import Engine, identifier
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import TABLES, arrow_schema

ROOT = Path(__file__).parents[1]
RULES, CONNECTIONS = 200, 32
FAILED = 0.005
"""Share of events that tell of a failed payment."""
ORDERS = """
SELECT printf('c%07d', i % {customers}) AS customer_id, printf('o%09d', i) AS order_id,
    DATE '{last}' - CAST(hash(i) % 700 AS INTEGER) AS ordered_on,
    CAST(1000 + hash(i + 1) % 9000 AS BIGINT) AS amount, 'JPY' AS currency
FROM range({customers} * 3) AS r(i)"""
EVENTS = """
SELECT printf('e%09d', i) AS event_id, printf('c%07d', i % {customers}) AS customer_id,
    CASE hash(i + 2) % 3 WHEN 0 THEN 'Product Viewed' WHEN 1 THEN 'Payment Succeeded'
        ELSE 'Logged In' END AS name,
    CAST(DATE '{last}' - CAST(hash(i + 3) % 365 AS INTEGER) AS TIMESTAMP) AS happened_at
FROM range({customers} * 5) AS r(i) ORDER BY customer_id"""
FACTS = """
SELECT printf('c%07d', i) AS customer_id, CAST(hash(i) % 9 AS BIGINT) AS orders,
    (hash(i + 4) % 1000) / 1000.0 AS p_alive, CAST(hash(i + 5) % 20000 AS DOUBLE) AS residual_clv,
    CAST(hash(i + 6) % 5000 AS DOUBLE) AS value_at_risk, CAST(0 AS BIGINT) AS failed_payments_90d,
    CAST(hash(i + 7) % 28 AS BIGINT) AS active_days_28d, CAST(hash(i + 8) % 90 AS BIGINT)
        AS days_since_use
FROM range({customers}) AS r(i)"""


def main() -> None:
    """Run what is asked for."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.alerts", description=__doc__)
    asked.add_argument("what", choices=("live", "past"))
    asked.add_argument("--customers", type=int)
    asked.add_argument("--rate", type=int, default=1_000)
    asked.add_argument("--seconds", type=int, default=60)
    given = asked.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        if given.what == "live":
            live(Path(folder), given.customers or 1_000_000, given.rate, given.seconds)
        else:
            past(Path(folder), given.customers or 100_000)


def filled(folder: Path, customers: int, last: date) -> Store:
    """Write orders and events of so many customers."""
    store = Store(folder / "store")
    for name, sql in (("transactions", ORDERS), ("events", EVENTS), ("customer_facts", FACTS)):
        with Engine() as engine:
            said = sql.format(customers=customers, last=last)
            engine.view("said", said)
            there = engine.schema("said").names
            listed = ", ".join(
                f"{identifier(c.name) if c.name in there else 'NULL'}::{c.type} "
                f"AS {identifier(c.name)}"
                for c in TABLES[name].columns
            )
            schema = arrow_schema(name)
            batches = engine.reader(f"SELECT {listed} FROM said", 100_000)
            store.write(name, pa.RecordBatchReader.from_batches(schema, _cast(batches, schema)))
    return store


def _cast(batches: Any, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        yield from pa.Table.from_batches([batch]).cast(schema).to_batches()


def rules(many: int = RULES) -> list[dict[str, Any]]:
    """Give rules over facts; the first is about payments that fail."""
    first = {"name": "Payment failed", "kind": "above", "fact": "failed_payments_90d", "amount": 1}
    others = [
        {
            "name": f"Rule {n}",
            "kind": "rule",
            "condition": f"active_days_28d <= {n % 28} AND days_since_use >= {n} AND orders > 900",
        }
        for n in range(1, many)
    ]
    rest = {"cause": "money", "severity": "caution", "advice": "Call.", "in_hours": False}
    return [rest | one for one in (first, *others)]


def percentile(waits: Sequence[float], share: float) -> float:
    """Give a percentile of waits."""
    return sorted(waits)[min(int(len(waits) * share), len(waits) - 1)]


def live(folder: Path, customers: int, rate: int, seconds: int) -> None:
    """Send events for a while; print the seconds from each failed payment to its alert."""
    sys.path[:0] = [str(ROOT / "tests")]
    os.environ |= {"KIZUNA_HOME": str(folder), "DJANGO_SETTINGS_MODULE": "kizuna.web.settings"}
    from event_server import SERVER_KEY, event_server, make_keys

    last = now().date() - timedelta(days=1)
    store = filled(folder, customers, last)
    [key] = make_keys(folder, SERVER_KEY)
    publish(store, last, customers)
    command = [sys.executable, "-m", "kizuna", "work"]
    with (folder / "work.log").open("wb") as said, event_server(folder) as server:
        worker = subprocess.Popen(command, stdout=said, stderr=said)
        try:
            time.sleep(8)
            seen = Seen()
            sent = asyncio.run(sending(server.port, key, customers, rate, seconds))
            waits = seen.after(sent, patience=30)
        finally:
            worker.terminate()
            worker.wait(60)
    missing = len(sent) - len(waits)
    print(
        f"{customers:,} customers, {RULES} rules, {rate:,} events/s for {seconds} s: "
        f"{len(waits)} alerts, p50 {percentile(waits, 0.5):.2f} s, "
        f"p99 {percentile(waits, 0.99):.2f} s, slowest {max(waits):.2f} s, {missing} missing"
    )


def publish(store: Store, last: date, customers: int) -> None:
    import django

    django.setup()
    from django.utils import timezone

    from kizuna.web.know.alerts.models import AlertRule
    from kizuna.web.know.customers.mirroring import mirror
    from kizuna.web.know.publications.models import Publication, Status

    made = Publication.objects.create(
        status=Status.PUBLISHED,
        as_of=last,
        published_at=timezone.now(),
        versions={"customer_facts": store.changed_at("customer_facts")},
        summary={"currency": "JPY", "customers": customers},
    )
    mirror(made)
    for said in rules():
        AlertRule.objects.create(**said)


class Seen:
    """When each alert was first read from the database, by its customer."""

    def __init__(self) -> None:
        self.at: dict[str, float] = {}
        self.gone = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def _watch(self) -> None:
        from kizuna.web.know.alerts.models import Alert

        while not self.gone.wait(0.05):
            for customer in Alert.objects.values_list("customer_id", flat=True):
                self.at.setdefault(customer, time.monotonic())

    def after(self, sent: dict[str, float], patience: float) -> list[float]:
        """Wait for the last; give the seconds that each took."""
        end = time.monotonic() + patience
        while len(self.at) < len(sent) and time.monotonic() < end:
            time.sleep(0.1)
        self.gone.set()
        self.thread.join()
        return [self.at[one] - at for one, at in sent.items() if one in self.at]


async def sending(port: int, key: str, customers: int, rate: int, seconds: int) -> dict[str, float]:
    """Send events, each at its moment; give when failed payments were sent, by customer."""
    sent: dict[str, float] = {}
    clients = [_client(port, key, customers, rate, seconds, n, sent) for n in range(CONNECTIONS)]
    await asyncio.gather(*clients)
    return sent


async def _client(
    port: int,
    key: str,
    customers: int,
    rate: int,
    seconds: int,
    number: int,
    sent: dict[str, float],
) -> None:
    from event_server import basic

    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST /v1/track HTTP/1.1\r\nHost: x\r\nAuthorization: {basic(key)}\r\nContent-Length: "
    step, start, chance = CONNECTIONS / rate, time.monotonic(), random.Random(number)
    for n in range(int(seconds / step)):
        due = start + (n + number / CONNECTIONS) * step
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        failed = chance.random() < FAILED
        customer = f"c{chance.randrange(customers):07d}"
        if failed:
            sent.setdefault(customer, due)
        body = event_of(customer, "Payment Failed" if failed else "Logged In")
        writer.write(f"{head}{len(body)}\r\n\r\n".encode() + body)
        answer = await reader.readuntil(b"}")
        if b" 200 " not in answer[:16]:
            sys.exit(f"refused: {answer!r}")
    writer.close()


def event_of(customer: str, name: str) -> bytes:
    said = {"type": "track", "messageId": str(uuid.uuid4()), "userId": customer, "event": name}
    return json.dumps(said | {"timestamp": now().isoformat()}).encode()


def now() -> datetime:
    from django.utils import timezone

    return timezone.now()


def past(folder: Path, customers: int) -> None:
    """Try rules on the facts of 52 weeks; print how long it took."""
    from kizuna.jobs import dry_run
    from kizuna.jobs.transitions import Condition
    from kizuna.jobs.watch import Watched

    last = date(2026, 3, 31)
    store = filled(folder, customers, last)
    watched = [
        Watched(
            Condition(n, f"active_days_28d <= {n % 28} AND days_since_use >= {n}"),
            ("active_days_28d", "days_since_use"),
        )
        for n in range(1, RULES + 1)
    ]
    start = time.perf_counter()
    with Engine() as engine:
        weekly = dry_run.past(
            engine,
            store,
            last=last,
            many=52,
            timezone="Asia/Tokyo",
            currency="JPY",
            only=("active_days_28d", "days_since_use"),
        )
        told = time.perf_counter()
        found = weekly.tried(watched, {one.key: 14 for one in watched})
    end = time.perf_counter()
    of = next(iter(found.values()))["of"]
    print(
        f"{RULES} rules over 52 weeks of {of:,} of {customers:,} customers: facts "
        f"{told - start:.1f} s, rules {end - told:.1f} s, together {end - start:.1f} s"
    )


if __name__ == "__main__":
    main()
