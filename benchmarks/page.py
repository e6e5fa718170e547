"""From an event to the customer's page: `python -m benchmarks.page [--seconds 60] [--rate 1000]`.

The door that takes events in, a worker with its alert rules, the sender of a steady rate, and who
looks are four processes. Who looks sends an event of its own about some customer, asks for that
customer's timeline every tenth of a second until the event is there, and goes on to the next; pages
are asked for in the process that answers, without a network.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import timedelta
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

from benchmarks.alerts import ROOT, RULES, event_of, filled, now, percentile, publish, sending

GOAL, LOOK_SECONDS, PATIENCE = 3.0, 0.1, 30.0
PAUSE_SECONDS = 0.4


def main() -> None:
    """Send for a while, look meanwhile, print how long events took to be seen."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.page", description=__doc__)
    asked.add_argument("--customers", type=int, default=1_000_000)
    asked.add_argument("--rate", type=int, default=1_000)
    asked.add_argument("--seconds", type=int, default=60)
    given = asked.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), given.customers, given.rate, given.seconds)


def measure(folder: Path, customers: int, rate: int, seconds: int) -> None:
    """Fill an installation, run its processes, and print the waits."""
    sys.path[:0] = [str(ROOT / "tests")]
    os.environ |= {"KIZUNA_HOME": str(folder), "DJANGO_SETTINGS_MODULE": "kizuna.web.settings"}
    from event_server import SERVER_KEY, event_server, make_keys

    [key] = make_keys(folder, SERVER_KEY)
    last = now().date() - timedelta(days=1)
    publish(filled(folder, customers, last), last, customers)
    spawning = multiprocessing.get_context("spawn")
    waits: Queue[list[float]] = spawning.Queue()
    with (folder / "work.log").open("wb") as said, event_server(folder) as server:
        worker = subprocess.Popen(
            [sys.executable, "-m", "kizuna", "work"], stdout=said, stderr=said
        )
        try:
            time.sleep(8)
            looked = (server.url, key, customers, seconds, waits)
            looker = spawning.Process(target=looking, args=looked, daemon=True)
            looker.start()
            asyncio.run(sending(server.port, key, customers, rate, seconds))
            found = waits.get(timeout=2 * PATIENCE)
        finally:
            worker.terminate()
            worker.wait(60)
    p95, missed = percentile(found, 0.95), sum(wait >= PATIENCE for wait in found)
    print(
        f"{customers:,} customers, {RULES} alert rules, {rate:,} events/s for {seconds} s: "
        f"{len(found)} events looked for, p50 {percentile(found, 0.5):.2f} s, p95 {p95:.2f} s, "
        f"slowest {max(found):.2f} s, {missed} not seen; goal of p95 "
        f"{GOAL:.0f} s {'reached' if p95 <= GOAL else 'not reached'}; load at the end "
        f"{os.getloadavg()[0]:.1f}"
    )


def looking(url: str, key: str, customers: int, seconds: int, waits: Queue[list[float]]) -> None:
    """Send an event and look until its customer's page shows it, over and over."""
    client, chance, found = _signed_in(), random.Random(7), list[float]()
    end = time.monotonic() + seconds - 2
    number = 0
    while time.monotonic() < end:
        number += 1
        found.append(_seen(client, url, key, f"c{chance.randrange(customers):07d}", number))
        time.sleep(PAUSE_SECONDS)
    waits.put(found)


def _seen(client: Any, url: str, key: str, customer: str, number: int) -> float:
    name, start = f"Looked for {number}", time.monotonic()
    _post(f"{url}/v1/track", key, event_of(customer, name))
    while (waited := time.monotonic() - start) < PATIENCE:
        answer = client.get("/customers/one/timeline", {"id": customer})
        if answer.status_code != 200:
            sys.exit(f"the page answered {answer.status_code}")
        if name in answer.content.decode():
            return time.monotonic() - start
        time.sleep(LOOK_SECONDS)
    return waited


def _signed_in() -> Any:
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client

    from kizuna.web.accounts.models import Person

    logging.disable(logging.WARNING)
    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client()
    client.force_login(Person.objects.get(email="aiko@example.com"))
    return client


def _post(address: str, key: str, body: bytes) -> None:
    from event_server import basic

    headers = {"Authorization": basic(key), "Content-Type": "application/json"}
    urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=30).close()


if __name__ == "__main__":
    main()
