"""Taking events in, durable before answered: `python -m benchmarks.ingest [--seconds 10]`.

The load generator (`wrk`, and for the half load a Python one) runs on the same cores. Beside each
rate stands what the same rows cost as a bare `executemany` (SQLite, WAL, synchronous=FULL) or
`COPY` (PostgreSQL, fsync and synchronous_commit on) in commits of the same size.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from subprocess import run

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests")]

import web_postgres  # noqa: E402  -- the tests know how to start servers
from event_server import SERVER_KEY, EventServer, basic, event_server, make_keys  # noqa: E402
from kizuna.web.capture.inbox import Arrival, Inbox, inbox_at  # noqa: E402

EVENT = {
    "type": "track",
    "messageId": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "userId": "customer-12345",
    "event": "Product Viewed",
    "timestamp": "2026-05-04T03:02:01.987Z",
    "properties": {"product_id": "507f1f77bcf86cd7", "price": 1980, "currency": "JPY"},
    "context": {"library": {"name": "analytics-python", "version": "2.3.0"}},
}
SINGLE = json.dumps(EVENT).encode()
BATCH = json.dumps({"batch": [EVENT] * 500}).encode()
LUA = """wrk.method = "POST"
wrk.body = io.open("{body}", "rb"):read("*a")
wrk.headers["Authorization"] = "{key}"
wrk.headers["Content-Type"] = "application/json"
"""
HALF = 2_500
CONNECTIONS = 64
type Place = Path | str


def main() -> None:
    """Measure on both databases."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.ingest", description=__doc__)
    asked.add_argument("--seconds", type=int, default=10)
    asked.add_argument("--runs", type=int, default=5)
    given = asked.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    for name, place in (("SQLite", sqlite), ("PostgreSQL", postgresql)):
        with place() as (home, where, more):
            measure(name, home, where, more, given.seconds, given.runs)


@contextmanager
def sqlite() -> Iterator[tuple[Path, Place, dict[str, str]]]:
    """An installation in a folder of its own."""
    with tempfile.TemporaryDirectory(dir=ROOT / "benchmarks" / "results") as folder:
        yield Path(folder), Path(folder) / "inbox.sqlite3", {}


@contextmanager
def postgresql() -> Iterator[tuple[Path, Place, dict[str, str]]]:
    """The same on a server that syncs, as one in earnest does."""
    web_postgres.HASTE = ()
    with web_postgres.postgres() as url, tempfile.TemporaryDirectory() as folder:
        yield Path(folder), url, {"DATABASE_URL": url}


def measure(
    name: str, home: Path, place: Place, more: dict[str, str], seconds: int, runs: int
) -> None:
    """Print the rates of one database, each as the median of some runs."""
    [key] = make_keys(home, SERVER_KEY, **more)
    with event_server(home, **more) as server:
        for what, path, body, events in (
            ("single requests", "/v1/track", SINGLE, 1),
            ("batches of 500", "/v1/batch", BATCH, 500),
        ):
            rates = [pressed(server, key, path, body, seconds) for _ in range(runs)]
            size = 100 if events == 1 else 16
            bare = median(bare_rate(place, path, body, size, seconds / 3) for _ in range(3))
            reached = median(rate for rate, _p99 in rates)
            spread = (
                f"{min(r for r, _ in rates) * events:,.0f}-{max(r for r, _ in rates) * events:,.0f}"
            )
            print(
                f"{name:10} {what:16} {reached * events:>9,.0f} events/s ({spread}), "
                f"p99 {median(p99 for _rate, p99 in rates):.0f} ms at full load; "
                f"bare, {size} rows a commit: {bare * events:,.0f} events/s "
                f"({reached / bare:.0%})"
            )
        waits = sorted(asyncio.run(half_load(server.port, key, seconds)))
        p50, p99 = waits[len(waits) // 2], waits[int(len(waits) * 0.99)]
        rate = len(waits) / seconds
        print(f"{name:10} at {rate:,.0f} requests/s: p50 {p50:.1f} ms, p99 {p99:.1f} ms")


def pressed(
    server: EventServer, key: str, path: str, body: bytes, seconds: int
) -> tuple[float, float]:
    """Give answers of 200 a second, and the 99th percentile of the wait in milliseconds."""
    (server.home / "body").write_bytes(body)
    script = server.home / "load.lua"
    script.write_text(LUA.format(body=server.home / "body", key=basic(key)))
    command = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", str(script)]
    said = run([*command, server.url + path], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        sys.exit(f"not all were taken:\n{said}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])  # type: ignore[index]
    p99, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", said).groups()  # type: ignore[union-attr]
    return rate, float(p99) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit]


def bare_rate(place: Place, path: str, body: bytes, size: int, seconds: float) -> float:
    """Give rows a second, kept by one writer with nothing before it."""
    inbox: Inbox = inbox_at(place)
    rows = [Arrival(datetime(2026, 5, 4, tzinfo=UTC), 1, path, body)] * size
    kept, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds:
        inbox.append(rows)
        kept += size
    inbox.close()
    return kept / spent


async def half_load(port: int, key: str, seconds: int) -> list[float]:
    """Send HALF requests a second, each at its moment however late others are answered."""
    head = f"POST /v1/track HTTP/1.1\r\nHost: x\r\nAuthorization: {basic(key)}\r\n"
    request = f"{head}Content-Length: {len(SINGLE)}\r\n\r\n".encode() + SINGLE
    clients = [one_client(port, request, n, seconds) for n in range(CONNECTIONS)]
    return [wait for waits in await asyncio.gather(*clients) for wait in waits]


async def one_client(port: int, request: bytes, number: int, seconds: int) -> list[float]:
    """Send one connection's share; a wait begins when the request was due."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    clock: Callable[[], float] = time.perf_counter
    step, start, waits = CONNECTIONS / HALF, clock(), list[float]()
    for n in range(int(seconds / step)):
        due = start + (n + number / CONNECTIONS) * step
        await asyncio.sleep(max(0.0, due - clock()))
        writer.write(request)
        answer = await reader.readuntil(b"}")
        if b" 200 " not in answer[:16]:
            sys.exit(f"refused at half load: {answer!r}")
        waits.append((clock() - due) * 1000)
    writer.close()
    return waits


if __name__ == "__main__":
    if not shutil.which("wrk"):
        sys.exit("the load generator is missing: as root: apt-get install -y wrk")
    main()
