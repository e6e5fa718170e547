"""A program of the tests: playbooks advanced by processes that are killed line after line.

python playbook_worker.py FAULT EVERY LINES → JSON: how often each step took effect at a customer.

Each process is a fork that counts the lines of the engine it comes to and kills itself, as -9 does,
at the one it was told. FAULT: none; `split`: the batch is no transaction; `keyless`: besides, no
key tells that a step took effect already.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections import Counter
from contextlib import nullcontext
from datetime import timedelta
from types import FrameType
from typing import Any

ENGINE = "/act/playbooks/"
STEPS = [
    {"id": "one", "do": "update", "what": "add_tag", "value": "one"},
    {"id": "two", "do": "update", "what": "add_tag", "value": "two"},
    {"id": "rest", "do": "wait", "hours": 1},
    {"id": "three", "do": "update", "what": "remove_tag", "value": "one"},
]


def main() -> None:
    """Kill processes at every so many lines, then let one finish; print what took effect."""
    fault, every, lines = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kizuna.web.settings")
    from kizuna.web.loading import load

    load()
    from django.db import connections
    from django.utils import timezone

    from kizuna.web.act.playbooks import advancing
    from kizuna.web.act.playbooks.models import Enrolment

    put(fault)
    playbook, now = made(), timezone.now()
    killed = 0
    for number, line in enumerate(range(1, lines + 1, every)):
        enrol(playbook, f"c{number}", now)
        connections.close_all()
        at = now + timedelta(hours=2 * number)
        killed += forked(lambda at=at: advancing.advance(at), line)
        # another process goes on: at the next fork one enters, and one has waited
        advancing.advance(at)
    last = now + timedelta(days=900)
    for day in range(4):
        while advancing.advance(last + timedelta(days=day)):
            pass
    done = Enrolment.objects.filter(state="done").count()
    found = {"killed": killed, "done": done, "effects": sorted(effects().values())}
    sys.stdout.write(json.dumps(found))


def put(fault: str) -> None:
    """Put a fault into the engine."""
    from kizuna.web.act.playbooks import advancing

    if fault in ("split", "keyless"):
        advancing.batch = nullcontext  # type: ignore[assignment]
    if fault == "keyless":
        advancing._first = lambda row, deed, at: True  # type: ignore[assignment]


def made() -> Any:
    """Make a playbook that is live."""
    from kizuna.web.accounts.models import Person, Role
    from kizuna.web.act.actions.models import Programme
    from kizuna.web.act.playbooks import services

    Programme.objects.update_or_create(id=1, defaults={"is_on": False})
    actor = Person.objects.create(email="a@example.com", name="Aiko", role=Role.OWNER)
    said = {"name": "Killed", "trigger": {"when": "by_hand"}, "steps": STEPS}
    found = services.make(actor=actor, said=said, is_optional=False)
    return services.go_live(actor=actor, pk=found.pk, edits=1, read=True)


def enrol(playbook: Any, customer_id: str, at: Any) -> None:
    """Have a customer enter."""
    from kizuna.web.act.playbooks import enrolling

    enrolling.enter(playbook=playbook, customer_ids=[customer_id], reason="test", at=at)


def forked(work: Any, line: int) -> bool:
    """Work in a process of its own that dies at a line; whether it did."""
    child = os.fork()
    if child == 0:
        sys.settrace(Killer(line).trace)
        work()
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return os.WTERMSIG(status) == signal.SIGKILL
    assert os.WEXITSTATUS(status) == 0, f"died at line {line} by itself"
    return False


class Killer:
    """Counts lines of the engine, and ends the process at one of them."""

    def __init__(self, line: int) -> None:
        self.left = line

    def trace(self, frame: FrameType, event: str, _value: Any) -> Any:
        """Follow the engine, and nothing else."""
        if ENGINE not in frame.f_code.co_filename:
            return None
        if event == "line":
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return self.trace


def effects() -> Counter[str]:
    """Count how often each step took effect at a customer: the audit log tells of each."""
    from kizuna.web.accounts.models import AuditEntry

    kept = AuditEntry.objects.filter(action="act.playbook.customer_changed")
    rows = kept.values_list("target", "after_text")
    return Counter(f"{target} {json.loads(after)['step']}" for target, after in rows)


if __name__ == "__main__":
    main()
