"""Playbooks at a million sleeping customers: steps a second, and what a look costs that finds none.

python -m benchmarks.playbooks [--customers 1000000] [--due 100000]

So many are on the way and asleep; a share of them is due and goes on through two steps: the wait
that is over, and the next one. Then a look is timed that finds nobody.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

STEPS = [
    {"id": "first", "do": "wait", "days": 2},
    {"id": "second", "do": "wait", "days": 3},
    {"id": "mark", "do": "update", "what": "add_tag", "value": "seen"},
]
A_PART = 5_000
LOOKS = 200


def main() -> None:
    """Fill a database of its own, advance, and print what was measured."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.playbooks", description=__doc__)
    asked.add_argument("--customers", type=int, default=1_000_000)
    asked.add_argument("--due", type=int, default=100_000)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ.setdefault("KIZUNA_HOME", home)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kizuna.web.settings")
        from kizuna.web.serve import prepare

        prepare()
        print(json.dumps(measured(given.customers, given.due), indent=2))


def measured(customers: int, due: int) -> dict[str, Any]:
    """Give what was measured."""
    from django.db.models import Sum
    from django.utils import timezone

    from kizuna.web.act.playbooks import advancing
    from kizuna.web.act.playbooks.models import Enrolment, Passed

    now, began = timezone.now(), time.perf_counter()
    playbook = made()
    for part in asleep(playbook, customers, due, now):
        Enrolment.objects.bulk_create(part, batch_size=A_PART)
    filled = time.perf_counter() - began
    began, worked, batches = time.perf_counter(), time.process_time(), 0
    while advancing.advance(now):
        batches += 1
    seconds, worked = time.perf_counter() - began, time.process_time() - worked
    empty = [timed(lambda: advancing.advance(now)) for _ in range(LOOKS)]
    came = Passed.objects.aggregate(n=Sum("came"))["n"] or 0
    return {
        "asleep": customers,
        "filled_seconds": round(filled, 1),
        "customers_advanced": due,
        "steps": came,
        "seconds": round(seconds, 2),
        "steps_a_second": round(came / seconds),
        "steps_a_second_of_cpu": round(came / worked),
        "batches": batches,
        "empty_look_ms_median": round(1000 * statistics.median(empty), 3),
        "empty_look_ms_worst": round(1000 * max(empty), 3),
    }


def made() -> Any:
    """Make a playbook that is live."""
    from kizuna.web.accounts.models import Person, Role
    from kizuna.web.act.playbooks import services

    actor = Person.objects.create(email="a@example.com", name="Aiko", role=Role.OWNER)
    said = {"name": "Sleep", "trigger": {"when": "by_hand"}, "steps": STEPS}
    found = services.make(actor=actor, said=said, is_optional=False)
    return services.go_live(actor=actor, pk=found.pk, edits=1, read=True)


def asleep(playbook: Any, customers: int, due: int, now: Any) -> Iterator[list[Any]]:
    """Give enrolments at the first wait, a share of them due by now."""
    from kizuna.web.act.playbooks.models import Enrolment

    entered = now - timedelta(days=3)
    for start in range(0, customers, A_PART):
        numbers = range(start, min(start + A_PART, customers))
        yield [
            Enrolment(
                playbook=playbook,
                version=playbook.live,
                customer_id=f"c{n:07d}",
                step="first",
                wake_at=now - timedelta(seconds=n) if n < due else now + timedelta(seconds=n),
                entered_at=entered,
                moved_at=entered,
            )
            for n in numbers
        ]


def timed(work: Any) -> float:
    """Give the seconds that a call takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
