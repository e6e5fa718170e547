"""Whatever happens in whichever order: nobody who is held out receives anything optional."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from kizuna.web.accounts.models import Person, Role
from kizuna.web.act.actions import services as actions
from kizuna.web.act.actions.models import Action, Assignment, Programme
from kizuna.web.act.actions.whose import keys_of
from kizuna.web.act.gate import checks, services
from kizuna.web.act.gate.models import Cap, Entry, Suppression
from kizuna.web.capture.identities.models import Merge
from kizuna.web.capture.identities.services import merging
from kizuna.web.know.customers.models import CustomerFact

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
CUSTOMERS = [f"c{n}" for n in range(6)]
CHANNELS = ("phone", "post", "on_site", "task", "webhook")

customers = st.sampled_from(CUSTOMERS)
hours = st.integers(-30, 30)
"""How far a clock is off."""
happenings = st.lists(
    st.one_of(
        st.tuples(st.just("decide"), customers, st.sampled_from(CHANNELS), hours),
        st.tuples(st.just("place"), customers, hours),
        st.tuples(st.just("merge"), customers, customers),
        st.tuples(st.just("undo")),
        st.tuples(st.just("share"), st.sampled_from((0.2, 0.5, 0.8))),
        st.tuples(st.just("import"), customers, st.sampled_from((None, "a1", "a2"))),
        st.tuples(st.just("suppress"), customers),
        st.tuples(st.just("pause")),
    ),
    max_size=14,
)


class World:
    """An action, a few customers, and what must never be."""

    def __init__(self, salt: int, unit: str) -> None:
        self.owner = Person.objects.create(email=f"p{salt}@example.com", name="P", role=Role.OWNER)
        Programme.objects.create(salt=str(salt), share=0.05)
        self.cap = Cap.objects.create(channel="", count=2, days=90)
        for customer in CUSTOMERS[:4]:
            self.imported(customer, None)
        made = actions.draft(actor=None, name="Play", kind="call", holdout=0.5, unit=unit)
        Action.objects.filter(pk=made.pk).update(salt=str(salt))
        self.action = actions.go_live(actor=None, action=Action.objects.get(pk=made.pk))
        self.keys = 0

    def imported(self, customer: str, account: str | None) -> None:
        said = {"folded": "", "fingerprint": 1, "parent_id": account}
        CustomerFact.objects.update_or_create(customer_id=customer, defaults=said)

    def decided(self, customer: str, channel: str, off: int) -> None:
        self.keys += 1
        found = services.decide(
            key=str(self.keys), customer_id=customer, channel=channel, action=self.action,
            at=NOON + timedelta(hours=off),
        )  # fmt: skip
        if found.is_sent:
            self.check(Entry.objects.get(key=str(self.keys)))

    def check(self, entry: Entry) -> None:
        """Fail where somebody was reached who was not to be."""
        keys = set(keys_of([entry.customer_id]))
        rows = Assignment.objects.filter(action=self.action, customer_id__in=keys)
        arms = set(rows.values_list("arm", flat=True))
        assert arms == {"treated"}, arms
        assert not Suppression.objects.filter(customer_id__in=keys).exists()
        sent = Entry.objects.filter(
            customer_id__in=keys, outcome="sent", channel__in=checks.PERSONAL, is_counted=True
        )
        apart = Merge.objects.exists()  # two who had as many each may become one
        assert apart or sent.count() <= self.cap.count

    def happen(self, what: str, *said: Any) -> None:
        if what == "decide":
            self.decided(*said)
        elif what == "place":
            at = NOON + timedelta(hours=said[1])
            actions.place(action=self.action, customer_ids=[said[0]], reason="", at=at)
        elif what == "merge" and said[0] != said[1]:
            try:
                merging.merge(actor=self.owner, survivor_id=said[0], loser_id=said[1])
            except merging.NotPossibleError:
                return
        elif what == "undo" and (merge := Merge.objects.filter(undone_at=None).last()):
            merging.undo(actor=self.owner, merge_id=merge.pk)
        elif what == "share":
            actions.set_holdout(actor=None, action=self.action, holdout=said[0])
        elif what == "import":
            self.imported(*said)
        elif what == "suppress":
            services.suppress(customer_id=said[0], cause="hand")
        elif what == "pause":
            actions.pause(actor=None, action=self.action)
            self.decided(CUSTOMERS[0], "phone", 0)
            actions.resume(actor=None, action=self.action)


class Undone(Exception):  # noqa: N818  -- ends an example
    """Takes back what an example wrote."""


def lived(salt: int, unit: str, happened: list[tuple[Any, ...]]) -> bool:
    """Let it all happen, then take it back; raises where somebody was reached."""
    try:
        with transaction.atomic():
            world = World(salt, unit)
            for one in happened:
                world.happen(*one)
            raise Undone
    except Undone:
        return True


@pytest.mark.django_db
@given(st.integers(0, 50), st.sampled_from(("customer", "account")), happenings)
def test_nobody_held_out_is_reached_whatever_happens(
    salt: int, unit: str, happened: list[tuple[Any, ...]]
) -> None:
    assert lived(salt, unit, happened)


@pytest.mark.django_db
@pytest.mark.parametrize("left_out", ["holdout", "suppression", "caps"])
def test_the_property_bites_where_a_check_is_left_out(
    monkeypatch: pytest.MonkeyPatch, left_out: str
) -> None:
    kept = tuple(check for check in checks.CHECKS if check.__name__ != left_out)
    monkeypatch.setattr(checks, "CHECKS", kept)
    often = [("decide", c, "phone", 0) for c in CUSTOMERS[:4] for _ in range(3)]
    stopped = [("place", CUSTOMERS[0], 0), ("suppress", CUSTOMERS[0])]
    placed = [("place", c, 0) for c in CUSTOMERS[:4]]
    with pytest.raises(AssertionError):
        assert all(lived(salt, "customer", [*placed, *stopped, *often]) for salt in range(6))
