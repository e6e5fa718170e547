"""Renewals beside other apps: messages of a rung, merges, and an erasure that leaves nothing."""

from __future__ import annotations

from datetime import date

import pytest

from kizuna.jobs.subjects import Subject
from kizuna.web.accounts.models import Person
from kizuna.web.act.actions import services as actions
from kizuna.web.act.messages.models import OutboxMessage
from kizuna.web.act.messages.services.templates import Said, Words, save
from kizuna.web.act.renewals import queries, services
from kizuna.web.act.renewals.models import Escalation, Judgement, Ladder, Renewal, Rung, Step
from kizuna.web.act.renewals.services import setting_up
from kizuna.web.act.tasks import services as tasks
from kizuna.web.act.tasks.models import Comment, Task
from kizuna.web.capture.consents.models import Purpose
from kizuna.web.capture.identities.models import Link
from kizuna.web.capture.privacy import records
from kizuna.web.know.notes.models import Note
from web.renewals.conftest import climbed_at

pytestmark = pytest.mark.django_db

type Followed = dict[str, Renewal]


def rung_with_a_message(aiko: Person) -> Rung:
    said = {"kind": "relationship", "channels": ["email"], "name_en": "Thanks"}
    purpose = Purpose.objects.update_or_create(code="thanks", defaults=said)[0]
    words = [Words("email", "ja", "{{ customer.salutation }}\n\n更新のご案内", "ご案内")]
    letter = save(actor=aiko, said=Said("Renewal", purpose.code, words))
    return setting_up.add_rung(
        actor=aiko, days_before=25, title="Write", opens_task=False, template=letter
    )


def test_a_rung_queues_its_message_once(followed: Followed, ladder: Ladder, aiko: Person) -> None:
    rung = rung_with_a_message(aiko)
    climbed_at(6, 10)
    climbed_at(6, 10)
    message = OutboxMessage.objects.get(customer_id="beta")
    assert message.values["ends_on"] == "2026-07-15"
    step = Step.objects.get(rung=rung)
    assert (step.message, step.task) == (message, None)


def test_whom_chance_holds_out_gets_no_message(
    followed: Followed, ladder: Ladder, aiko: Person
) -> None:
    rung_with_a_message(aiko)
    actions.set_holdout(actor=aiko, action=ladder.action, holdout=0.9)
    one = followed["K-2"]
    for n in range(30):
        one.pk, one.contract_id, one.customer_id = None, f"C-{n}", f"customer {n}"
        one.save()
    climbed_at(6, 10)
    written = set(OutboxMessage.objects.values_list("customer_id", flat=True))
    ids = [f"customer {n}" for n in range(30)]
    placed = actions.place(action=ladder.action, customer_ids=ids, reason="", at=one.seen_on)  # type: ignore[arg-type]
    assert written & set(ids) == {who for who, where in placed.items() if where.is_treated}
    assert len(written) < 20


def test_a_customer_who_was_merged_keeps_her_renewals(followed: Followed) -> None:
    Link.objects.create(raw_customer_id="beta", customer_id="acme")
    found = queries.of_customer("acme")
    assert [renewal.contract_id for renewal in found] == ["K-2", "K-1"]


def test_an_erasure_leaves_nothing_of_her(followed: Followed, ladder: Ladder, ben: Person) -> None:
    climbed_at(6, 10)
    services.judge(actor=ben, renewal_id=followed["K-2"].pk, likelihood=0.1, text="beta is gone")
    task = Task.objects.get(customer_id="beta")
    tasks.comment(actor=ben, task_id=task.pk, text="Call again")
    list(records.erase(Subject(("beta",), ())))
    assert not Renewal.objects.filter(customer_id="beta").exists()
    assert not Task.objects.filter(customer_id="beta").exists()
    assert not Escalation.objects.filter(renewal__customer_id="beta").exists()
    for model in (Judgement, Comment, Note):
        assert not model._base_manager.all().exists()
    assert Renewal.objects.get().contract_id == "K-1"
    assert Step.objects.exclude(renewal__customer_id="acme").count() == 0
    assert date(2026, 6, 10) > followed["K-1"].seen_on
