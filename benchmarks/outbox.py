"""The contact gate and the outbox: what a decision costs, and how many mails a worker sends.

python -m benchmarks.outbox [--customers 5000] [--workers 4]

On SQLite. Customers are placed; the gate decides on them one by one and in batches; a message for
each is lined up, written, decided on and handed over: by one worker and by several, each a process,
to a mail server in another process on this machine, then to a channel that takes whatever it is
given. The clock begins when all workers are up; the load of the machine is told beside.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import batched
from typing import Any

SIZES = (1, 8, 100, 1_000)
SERVER = """
import sys, time
from aiosmtpd.controller import Controller
class Takes:
    async def handle_DATA(self, server, session, envelope): return "250 taken"
Controller(Takes(), hostname="127.0.0.1", port=int(sys.argv[1])).start()
print("up", flush=True)
time.sleep(3600)
"""

WORKER = """
import time
from kizuna.web.loading import load
load()
from kizuna.web.act.messages import sending
import kizuna.web.urls
print("up", flush=True)
input()
began = time.process_time()
sending.send_due(budget=3_600)
print(time.process_time() - began)
"""


def main() -> None:
    """Fill a database of its own, decide, send, and print what was measured."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.outbox", description=__doc__)
    asked.add_argument("--customers", type=int, default=5_000)
    asked.add_argument("--workers", type=int, default=4)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as home, mail_server() as port:
        os.environ |= {"KIZUNA_HOME": home, "DJANGO_SETTINGS_MODULE": "kizuna.web.settings"}
        os.environ |= {"KIZUNA_SMTP_HOST": "127.0.0.1", "KIZUNA_SMTP_PORT": str(port)}
        os.environ |= {"KIZUNA_SMTP_TLS": "none"}
        from kizuna.web.serve import prepare

        prepare()
        print(json.dumps(measured(given.customers, given.workers), indent=2))


@contextmanager
def mail_server() -> Iterator[int]:
    """Run a mail server that takes whatever comes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, "-c", SERVER, str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        assert server.stdout
        server.stdout.readline()
        yield port
        server.kill()


def measured(customers: int, workers: int) -> dict[str, Any]:
    """Give what was measured: milliseconds for each customer, on the clock and of one processor."""
    from kizuna.web.act.actions import services as actions
    from kizuna.web.act.messages import sending
    from kizuna.web.act.messages.channels import Fate, Outcome

    action, template, now = prepared(customers)
    names = [f"c{n}" for n in range(customers)]
    found = {"place": timed(customers, lambda: actions.place(
        action=action, customer_ids=names, reason="benchmark", at=now
    ))}  # fmt: skip
    found |= {f"decide_by_{size}": decided(action, names, now, size) for size in SIZES}
    found["line_up"] = timed(customers, lambda: line_up(action, names, template, "mail", now))
    found["mail"] = timed(customers, lambda: sending.send_due(budget=3_600))
    for count in dict.fromkeys((2, workers)):
        line_up(action, names, template, f"mail {count}", now)
        found[f"mail_by_{count}"] = by_workers(customers, count)
    line_up(action, names, template, "nothing", now)
    sending.Carriers.hand = lambda _self, one: (one, Outcome(Fate.SENT))  # type: ignore[method-assign]
    found["no_channel"] = timed(customers, lambda: sending.send_due(budget=3_600))
    return found | {"states": states()}


def by_workers(customers: int, count: int) -> dict[str, float]:
    """Have several workers send what is lined up."""
    command = [sys.executable, "-c", WORKER]
    pipe = subprocess.PIPE
    workers = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(count)]
    for worker in workers:
        assert worker.stdout
        worker.stdout.readline()
    began = time.perf_counter()
    for worker in workers:
        assert worker.stdin
        worker.stdin.write("go\n")
        worker.stdin.flush()
    worked = sum(float(worker.communicate()[0]) for worker in workers)
    return per_message(customers, time.perf_counter() - began, worked)


def prepared(customers: int) -> tuple[Any, Any, Any]:
    """Make customers, a template and an action that is live and holds nobody out."""
    from django.utils import timezone

    from kizuna.web.accounts.models import Person, Role
    from kizuna.web.act.actions import services as actions
    from kizuna.web.act.gate.models import Rules
    from kizuna.web.act.messages.services.templates import Said, Words, save
    from kizuna.web.capture.consents.models import Purpose, Sender
    from kizuna.web.know.customers.models import CustomerFact

    Rules.objects.update_or_create(pk=Rules.THE_ONE, defaults={"quiet_channels": []})
    CustomerFact.objects.bulk_create(
        CustomerFact(customer_id=f"c{n}", folded=f"c{n}", fingerprint=1, name="山田 太郎",
                     kind="person", email=f"c{n}@example.jp")
        for n in range(customers)
    )  # fmt: skip
    owner = Person.objects.create(email="a@example.com", name="Aiko", role=Role.OWNER)
    who = {"legal_name": "Kizuna", "postal_address": "Tokyo", "contact": "x"}
    Sender.objects.update_or_create(pk=1, defaults=who | {"site": "https://k.example"})
    news = Purpose.objects.filter(kind="relationship")[0]
    body = "{{ customer.salutation }}\n\n[Shop](https://shop.example/)"
    said = Said("News", news.code, [Words("email", "ja", body, "Hello")])
    made = actions.draft(actor=None, name="Mail", kind="mail", holdout=0.0)
    return actions.go_live(actor=None, action=made), save(actor=owner, said=said), timezone.now()


def decided(action: Any, names: list[str], now: Any, size: int) -> dict[str, float]:
    """Decide on some customers, so many at once."""
    from kizuna.web.act.gate import services

    contacts = [services.Contact(f"{size}/{one}", one, "task", action) for one in names]
    some = contacts[: size * 200]
    return timed(
        len(some),
        lambda: [services.decide_many(contacts=part, at=now) for part in batched(some, size)],
    )


def line_up(action: Any, names: list[str], template: Any, step: str, now: Any) -> None:
    """Line a message up for everybody."""
    from kizuna.web.act.messages.services import enqueue_many

    enqueue_many(action=action, customer_ids=names, step=step, template=template, at=now)


def states() -> dict[str, int]:
    """Count messages by how they ended."""
    from django.db.models import Count

    from kizuna.web.act.messages.models import OutboxMessage

    rows = OutboxMessage.objects.values("state").annotate(n=Count("pk"))
    return {row["state"]: row["n"] for row in rows}


def timed(count: int, work: Callable[[], object]) -> dict[str, float]:
    """Give what work takes for each of so many."""
    began, worked = time.perf_counter(), time.process_time()
    work()
    return per_message(count, time.perf_counter() - began, time.process_time() - worked)


def per_message(count: int, seconds: float, worked: float) -> dict[str, float]:
    """Give what one of so many took."""
    found = {"ms": 1_000 * seconds / count, "cpu_ms": 1_000 * worked / count}
    return {name: round(value, 3) for name, value in found.items()} | {
        "a_second": round(count / seconds),
        "a_second_of_cpu": round(count / worked),
        "load": round(os.getloadavg()[0], 1),
    }


if __name__ == "__main__":
    main()
