"""Measure one installation, that of the environment; prints Markdown. Run by `benchmarks.web`."""

from __future__ import annotations

import logging
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from statistics import median
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kizuna.web.settings")
import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402

from benchmarks.data import last_day  # noqa: E402
from benchmarks.web_data import GREAT  # noqa: E402
from kizuna.jobs.facts import targets  # noqa: E402
from kizuna.jobs.refresh import RefreshResult, refresh  # noqa: E402
from kizuna.web.accounts.models import Person, Role  # noqa: E402
from kizuna.web.know.customers.mirroring import mirror  # noqa: E402
from kizuna.web.know.customers.models import CustomerFact  # noqa: E402
from kizuna.web.know.publications import services  # noqa: E402
from kizuna.web.know.publications.hooks import PUBLISHED_HOOKS  # noqa: E402
from kizuna.web.know.publications.models import Publication  # noqa: E402

GOAL = 0.150
STEPS = 20
"""Steps of facts that are listed, those that took longest."""
DAYS = (last_day() - timedelta(days=1), last_day())
FILTERS: tuple[dict[str, str], ...] = (
    {},
    {"alive": "unlikely"},
    {"alive": "likely"},
    {"segment": "risk"},
    {"channel": "social"},
    {"kind": "company"},
    {"cohort": "2024-05"},
    {"orders_from": "30"},
    {"last_from": "2025-12-01"},
    {"value_from": "20000"},
    {"value_rank": "top-1"},
    {"value_rank": "rest-20"},
    {"alive": "unlikely", "orders_from": "20"},
    {"channel": "store", "kind": "company", "alive": "maybe"},
)
SORTS = ("residual_clv", "historical_value", "p_alive", "last_purchase", "orders", "name")
SOUGHT = (
    "山",
    "子",
    "佐藤",
    "さと",
    "陽子",
    "ヨウコ",
    "サトウ",
    "yo",
    "yok",
    "yoko12",
    "example.jp",
)
RARE = ("C0123", "0123456", "090-0012-3456", "長谷川 健一", "zzzz", "高橋さくら", "ハセガワ誠")

type Url = tuple[str, dict[str, str]]


def main() -> None:
    """Publish twice, then ask for every kind of page."""
    call_command("migrate", verbosity=0)
    logging.disable(logging.WARNING)
    settings.ALLOWED_HOSTS = ["testserver"]
    _say("| work | seconds | peak memory so far |", "|---|---:|---:|")
    PUBLISHED_HOOKS.remove(mirror)
    for name, day in zip(("first", "a day later"), DAYS[-int(sys.argv[1]) :], strict=False):
        options = replace(services.run_options(), as_of=day)
        found = _timed(f"refresh, {name}", lambda o=options: refresh(services.store(), o))
        made = services.record(publication=Publication.objects.create(), found=found)
        rows = _timed(f"mirror, {name}", lambda p=made: mirror(p))
        _say(f"| rows written and removed | {rows[0]:,} and {rows[1]:,} | |")
    _say("", *_steps(found))
    _say(
        "",
        "| page | requests | median ms | p95 ms | CPU p95 ms | slowest | queries | p95 ≤ 150 ms |",
    )
    _say("|---|---:|---:|---:|---:|---|---:|---|")
    client = Client()
    client.force_login(Person.objects.create(email="bench@example.com", role=Role.OWNER))
    for name, urls in _pages().items():
        _say(_line(client, name, urls))
    _say("", _bare(), f"Load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.")


def _steps(found: RefreshResult) -> Iterator[str]:
    """List the steps of facts that took longest; they are side by side, so sums mean little."""
    facts = set(targets())
    longest = sorted((s for s in found.steps if s.step in facts), key=lambda s: -s.seconds)
    yield "| step of facts, in the last refresh | rows | seconds, others beside it |"
    yield "|---|---:|---:|"
    for step in longest[:STEPS]:
        yield f"| {step.step} | {step.rows:,} | {step.seconds:.1f} |"


def _pages() -> dict[str, list[Url]]:
    every = max(CustomerFact.objects.count() // 40, 1)
    some = list(CustomerFact.objects.order_by("pk").values_list("pk", flat=True)[::every])[:40]
    listed = reverse("customers:list")
    orders = [sign + sort for sort in SORTS for sign in ("", "-")]
    pages: dict[str, list[Url]] = {
        "board": [(reverse("board:board"), {})] * 20,
        "list, filters × sorts": [(listed, f | {"sort": s}) for f, s in product(FILTERS, orders)],
        "search, one letter and more": [(listed, {"q": q}) for q in SOUGHT * 2],
        "search, few or none found": [(listed, {"q": q}) for q in RARE * 2],
    }
    for part in ("one", "timeline", "orders", "facts"):
        url = reverse(f"customers:{part}")
        pages[f"customer: {part}"] = [(url, {"id": pk}) for pk in some]
        pages[f"customer of a fifth of all orders: {part}"] = [(url, {"id": GREAT})] * 20
    return pages


def _line(client: Client, name: str, urls: list[Url]) -> str:
    for url in urls[:3]:
        client.get(*url)
    taken = [(*_request(client, url), url[1]) for url in urls]
    with CaptureQueriesContext(connection) as seen:
        client.get(*urls[-1])
    seconds = [one[0] for one in taken]
    p95 = _percentile(seconds, 0.95)
    worst, _, asked = max(taken, key=lambda one: one[0])
    said = "&".join(f"{k}={v}" for k, v in asked.items())
    return (
        f"| {name} | {len(taken)} | {_ms(median(seconds))} | {_ms(p95)} | "
        f"{_ms(_percentile([one[1] for one in taken], 0.95))} | {_ms(worst)} `{said}` | "
        f"{len(seen)} | {'yes' if p95 <= GOAL else '**no**'} |"
    )


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


def _request(client: Client, url: Url) -> tuple[float, float]:
    """Give seconds that passed, and seconds of our own processors: of all threads together."""
    start, busy = time.perf_counter(), time.process_time()
    answer = client.get(*url)
    taken = time.perf_counter() - start, time.process_time() - busy
    assert answer.status_code == 200, (url, answer.status_code)
    return taken


def _bare() -> str:
    """Time the query that the first page of the list cannot do without."""
    table = CustomerFact._meta.db_table
    sql = f"SELECT * FROM {table} ORDER BY residual_clv DESC, customer_id DESC LIMIT 51"
    times = []
    for _ in range(20):
        start = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute(sql)
            cursor.fetchall()
        times.append(time.perf_counter() - start)
    return f"The bare query of the list's first page: {_ms(median(times))} ms on {_database()}."


def _database() -> str:
    return "SQLite" if connection.vendor == "sqlite" else "PostgreSQL"


def _timed(name: str, work: Callable[[], Any]) -> Any:
    start = time.perf_counter()
    found = work()
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    _say(f"| {name}, {_database()} | {seconds:.1f} | {peak:,.0f} MB |")
    return found


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.0f}"


def _say(*lines: str) -> None:
    print("\n".join(lines), flush=True)


if __name__ == "__main__":
    main()
