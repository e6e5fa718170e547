"""A race for contacts: threads decide, place, merge, import and change shares, clocks apart.

Each fault is put in on purpose, to see that what is counted bites. Django is set up before this is
imported: `import django; django.setup(); import contact_race; contact_race.main()`.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import batched
from random import Random
from threading import Barrier
from typing import Any

from django.apps import apps
from django.db import connection, connections
from django.db.models import Count

from kizuna.web.accounts.models import Person, Role
from kizuna.web.act.actions import services as actions
from kizuna.web.act.actions.control import programme, turn_of
from kizuna.web.act.actions.models import Action, Assignment, GlobalPlace, Unit
from kizuna.web.act.actions.whose import keys_of
from kizuna.web.act.gate import checks, deciding, services
from kizuna.web.act.gate.models import Cap, Entry, Rules
from kizuna.web.capture.identities.models import Link
from kizuna.web.capture.identities.services import merging
from kizuna.web.know.customers.models import CustomerFact

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
CUSTOMERS = int(os.environ.get("RACE_CUSTOMERS", "24"))
THREADS = 3
CAP = 2
MODELS = (
    *("gate.Entry", "gate.Suppression", "gate.Recipient", "gate.Cap", "gate.Rules"),
    *("actions.Assignment", "actions.AccountArm", "actions.GlobalPlace", "actions.Decided"),
    *("actions.Share", "actions.Action", "actions.Programme"),
    *("identities.Link", "identities.Merge", "customers.CustomerFact"),
)


def name(number: int) -> str:
    return f"c{number:03}"


class Race:
    """One run: two actions, a cap, some suppressed, and threads whose clocks are hours apart."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        for label in MODELS:
            apps.get_model(label)._base_manager.all().delete()
        self.person = Person.objects.filter(role=Role.OWNER).first() or self.owner()
        self.bring_in(range(CUSTOMERS))
        programme()
        said = {"salt": f"salt {seed}", "share": 0.05, "is_on": True}
        type(programme())._default_manager.update(**said)
        self.actions = [self.action("Call", Unit.CUSTOMER), self.action("Visit", Unit.ACCOUNT)]
        Rules.objects.create(quiet_channels=[])
        Cap.objects.create(channel="phone", count=CAP, days=30)
        self.stopped = {name(number) for number in range(0, CUSTOMERS, 9)}
        for customer in self.stopped:
            services.suppress(customer_id=customer, cause="hand", actor=self.person)

    def owner(self) -> Person:
        made = Person(email="race@example.com", name="Race", role=Role.OWNER)
        made.set_unusable_password()
        made.save()
        return made

    def action(self, title: str, unit: str) -> Action:
        made = actions.draft(actor=None, name=title, kind="call", holdout=0.3, unit=unit)
        Action.objects.filter(pk=made.pk).update(salt=f"{title} {self.seed}")
        return actions.go_live(actor=None, action=Action.objects.get(pk=made.pk))

    def bring_in(self, numbers: Iterable[int]) -> None:
        CustomerFact.objects.bulk_create(
            [
                CustomerFact(
                    customer_id=name(n),
                    folded="",
                    fingerprint=1,
                    parent_id=f"a{n // 4}" if n % 2 else None,
                )
                for n in numbers
            ],
            ignore_conflicts=True,
        )

    def together(self, jobs: Iterable[Callable[[Random], None]]) -> None:
        """Run jobs at once, each with chance of its own."""

        def run(numbered: tuple[int, Callable[[Random], None]]) -> None:
            try:
                numbered[1](Random(f"{self.seed}/{numbered[0]}"))
            finally:
                connections.close_all()

        with ThreadPoolExecutor(THREADS + 2) as pool:
            list(pool.map(run, enumerate(jobs)))

    def decide(self, phase: str, mine: int) -> Callable[[Random], None]:
        def run(chance: Random) -> None:
            skew = timedelta(hours=chance.choice((-6, 0, 6)))
            # in the same order and step, so that they meet
            numbers = Random(phase).sample(range(CUSTOMERS), CUSTOMERS)
            for some in batched(numbers, 2):
                contacts = [
                    services.Contact(
                        f"{phase}/{mine}/{number}",
                        name(number),
                        "phone",
                        chance.choice(self.actions),
                    )
                    for number in some
                ]
                services.decide_many(contacts=contacts, at=NOON + skew)

        return run

    def place(self, chance: Random) -> None:
        """Place many at once while shares change and others are brought in."""
        for step in range(4):
            for action in self.actions:
                actions.set_holdout(actor=None, action=action, holdout=(0.3, 0.6)[step % 2])
                some = [name(n) for n in chance.sample(range(CUSTOMERS), CUSTOMERS // 2)]
                actions.place(action=action, customer_ids=some, reason="race", at=NOON)
            self.bring_in(range(CUSTOMERS, CUSTOMERS + step))

    def place_at_once(self) -> None:
        """Place the same customers in several threads, at the same moment."""
        start = Barrier(THREADS, timeout=60)

        def run(chance: Random) -> None:
            for action in self.actions * 2:
                some = [name(n) for n in range(0, CUSTOMERS, 2)]
                start.wait()
                actions.place(action=action, customer_ids=some, reason="at once", at=NOON)

        self.together([run] * THREADS)

    def merge(self, chance: Random) -> None:
        numbers = chance.sample(range(CUSTOMERS), CUSTOMERS // 2)
        for one, other in zip(numbers[::2], numbers[1::2], strict=False):
            merging.merge(actor=self.person, survivor_id=name(one), loser_id=name(other))

    def run(self) -> dict[str, int]:
        self.place_at_once()
        self.together([*(self.decide("1", k) for k in range(THREADS)), self.place])
        found = {"over_cap": self.over_cap()}
        Cap.objects.all().delete()
        self.together([*(self.decide("2", k) for k in range(1)), self.merge])
        self.together([self.decide("3", k) for k in range(1)])
        return found | self.judged()

    def over_cap(self) -> int:
        """Count customers with more contacts than the cap."""
        sent = Entry.objects.filter(outcome="sent").values("customer_id")
        return sum(row["n"] > CAP for row in sent.annotate(n=Count("pk")))

    def judged(self) -> dict[str, int]:
        twice = Assignment.objects.values("action", "customer_id").annotate(n=Count("pk"))
        entries = list(Entry.objects.filter(outcome="sent"))
        last = [entry for entry in entries if entry.key.startswith("3/")]
        return {
            "sent": len(entries),
            "assigned_twice": twice.filter(n__gt=1).count(),
            "treated_holdouts": self.held_out(entries, merged=False) + self.held_out(last),
            "treated_globally": self.left_alone(last),
            "suppressed": sum(bool(self.stopped & self.keys(e.customer_id)) for e in last),
            "held_out": Assignment._base_manager.filter(arm="control").count(),
            "left_alone": GlobalPlace._base_manager.filter(is_held=True).count(),
            "merged": Link.objects.count(),
        }

    def held_out(self, entries: list[Entry], *, merged: bool = True) -> int:
        """Count contacts with customers whom chance had held out, under whichever key."""
        control = set(
            Assignment.objects.filter(arm="control").values_list("action_id", "customer_id")
        )
        return sum(
            any((e.action_id, key) in control for key in self.keys(e.customer_id, merged))
            for e in entries
        )

    def left_alone(self, entries: list[Entry]) -> int:
        turn = turn_of(programme(), NOON.date())
        held = GlobalPlace.objects.filter(turn=turn, is_held=True)
        alone = set(held.values_list("customer_id", flat=True))
        return sum(bool(alone & self.keys(e.customer_id)) for e in entries)

    def keys(self, customer: str, merged: bool = True) -> set[str]:
        return set(keys_of([customer])) if merged else {customer}


@contextmanager
def without(*left_out: str) -> Iterator[None]:
    """Leave checks of the gate out."""
    sound = checks.CHECKS
    checks.CHECKS = tuple(c for c in sound if c.__name__ not in left_out)
    yield
    checks.CHECKS = sound


@contextmanager
def without_unique() -> Iterator[None]:
    """Let a customer be assigned twice."""
    (rule,) = (c for c in Assignment._meta.constraints if c.name == "assigned_once")
    with connection.schema_editor() as editor:
        editor.remove_constraint(Assignment, rule)
    yield
    Assignment._base_manager.all().delete()
    with connection.schema_editor() as editor:
        editor.add_constraint(Assignment, rule)


@contextmanager
def without_lock() -> Iterator[None]:
    """Let several decide on one customer at once, and each take a while between check and log."""
    sound: Any = deciding._wait_for, deciding._log

    def slow(*said: Any) -> None:
        time.sleep(0.03)
        sound[1](*said)

    deciding._wait_for, deciding._log = lambda asked: None, slow
    yield
    deciding._wait_for, deciding._log = sound


FAULTS: dict[str, Callable[[], Any]] = {
    "none": without,
    "no_checks": lambda: without("holdout", "global_control", "suppression", "caps"),
    "no_lock": without_lock,
    "no_unique": without_unique,
}


def run(faults: Iterable[str]) -> dict[str, dict[str, int]]:
    """Give what each fault leaves behind."""
    found = {}
    for number, fault in enumerate(faults):
        with FAULTS[fault]():
            found[fault] = Race(number).run()
    return found


def main() -> None:
    sys.stdout.write(json.dumps(run(sys.argv[1:])))
