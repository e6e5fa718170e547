"""Very many customers: the arms have their sizes, and nobody held out is reached on any channel."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from itertools import batched

import pytest

from kizuna.experiments.srm import sample_ratio
from kizuna.web.act.actions import services as actions
from kizuna.web.act.actions.models import Action, Assignment, GlobalPlace, Programme
from kizuna.web.act.gate import services
from kizuna.web.act.gate.models import Channel, Entry
from kizuna.web.act.gate.services import Contact
from kizuna.web.capture.consents.models import Purpose
from kizuna.web.know.customers.models import CustomerFact

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
MANY = int(os.environ.get("MANY_CONTACTS", "100000"))
AT_ONCE = 1_000


@pytest.mark.soak
@pytest.mark.django_db
def test_arms_have_their_sizes_and_nobody_held_out_is_reached_on_any_channel() -> None:
    Programme.objects.create(share=0.05)
    names = [f"c{n}" for n in range(MANY)]
    facts = (CustomerFact(customer_id=name, folded="", fingerprint=1) for name in names)
    CustomerFact.objects.bulk_create(facts, batch_size=500)
    action = actions.go_live(
        actor=None, action=actions.draft(actor=None, name="Play", kind="mail", holdout=0.1)
    )
    actions.place(action=action, customer_ids=names, reason="soak", at=NOON)
    alone = GlobalPlace.objects.filter(is_held=True).count()
    held, placed = Assignment.objects.filter(arm="control").count(), Assignment.objects.count()
    assert placed + alone == MANY
    assert 0.09 < held / placed < 0.11
    assert sample_ratio([placed - held, held], [0.9, 0.1]).holds
    assert sample_ratio([MANY - alone, alone], [0.95, 0.05]).holds
    reached(action, names)


def reached(action: Action, names: list[str]) -> None:
    """Ask the gate for everybody on every channel; fail where somebody was not to be reached."""
    news = Purpose.objects.filter(kind="relationship")[0]
    Purpose.objects.filter(pk=news.pk).update(channels=Channel.values)
    contacts = (
        Contact(f"{name}:{channel}", name, channel, action, news.code)
        for name in names
        for channel in Channel.values
    )
    for some in batched(contacts, AT_ONCE):
        services.decide_many(contacts=some, at=NOON)
    sent = Entry.objects.filter(outcome="sent")
    held = Assignment.objects.filter(arm="control").values("customer_id")
    alone = GlobalPlace.objects.filter(is_held=True).values("customer_id")
    assert not sent.filter(customer_id__in=held).exists()
    assert not sent.filter(customer_id__in=alone).exists()
    left = Assignment.objects.filter(arm="treated").exclude(customer_id__in=alone).count()
    assert Entry.objects.count() == len(names) * len(Channel.values)
    assert sent.count() == left * len(Channel.values)
