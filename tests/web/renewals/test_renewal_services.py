"""Renewals: followed as published, climbed once a rung, judged for good, put before managers."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import PermissionDenied

from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.act.actions import services as actions
from kizuna.web.act.renewals import queries, services
from kizuna.web.act.renewals.models import (
    Escalation,
    Judgement,
    Ladder,
    LossReason,
    Renewal,
    State,
    Step,
    Why,
)
from kizuna.web.act.renewals.services import climbing, following, setting_up
from kizuna.web.act.tasks.models import State as TaskState
from kizuna.web.act.tasks.models import Task
from kizuna.web.capture.consents.models import AppendOnlyError
from web.renewals.conftest import AS_OF, NOW, TERMS, Publish, climbed_at

pytestmark = pytest.mark.django_db

type Followed = dict[str, Renewal]


def test_what_comes_due_is_one_row_a_contract_and_term(followed: Followed) -> None:
    first, second = followed["K-1"], followed["K-2"]
    assert (first.decide_by, first.is_notice) == (date(2026, 8, 31), True)
    assert (second.decide_by, second.is_notice) == (date(2026, 7, 15), False)
    assert (first.source, first.likelihood) == ("rate", 0.9)
    assert (second.source, second.likelihood) == ("model", pytest.approx(0.8))
    assert second.at_risk == pytest.approx(500 * 12 * 0.2)
    assert following.follow(at=NOW) == 0
    assert Renewal.objects.count() == 2


def test_what_became_of_a_term_is_read_from_what_is_published(
    followed: Followed, publish: Publish
) -> None:
    rolled = TERMS[0] | {"ends_on": date(2027, 9, 30), "notice_by": date(2027, 8, 31)}
    ended = [
        {"contract_id": "K-1", "due_on": date(2026, 9, 30), "outcome": "renewed"},
        {"contract_id": "K-2", "due_on": date(2026, 7, 15), "outcome": "lost"},
    ]
    publish([rolled], ended, as_of=date(2026, 10, 2))
    following.follow()
    states = dict(Renewal.objects.values_list("contract_id", "state"))
    assert states == {"K-1": State.RENEWED, "K-2": State.LOST}


def test_a_contract_that_ended_before_its_term_was_not_due(
    followed: Followed, publish: Publish
) -> None:
    publish([TERMS[0]])
    following.follow()
    assert Renewal.objects.get(contract_id="K-2").state == State.GONE


def test_the_data_corrects_what_a_person_wrote_down(
    followed: Followed, publish: Publish, ben: Person
) -> None:
    services.settle(actor=ben, renewal_id=followed["K-2"].pk, state="renewed")
    ended = [{"contract_id": "K-2", "due_on": date(2026, 7, 15), "outcome": "lost"}]
    publish([TERMS[0]], ended, as_of=date(2026, 7, 20))
    following.follow()
    found = Renewal.objects.get(contract_id="K-2")
    assert (found.state, found.settled_by) == (State.LOST, None)


def test_each_rung_opens_its_task_once(followed: Followed, ladder: Ladder) -> None:
    assert climbed_at(6, 3) == 2  # of K-2, due on 15 July: 60 and 40 business days before
    assert climbed_at(6, 3) == 0
    taken = Step.objects.filter(renewal=followed["K-2"]).order_by("rung__days_before")
    assert [(s.rung.days_before, s.was_skipped) for s in taken] == [(40, False), (60, True)]
    assert Task.objects.count() == 1
    assert climbed_at(6, 4) == 1  # of K-1: 60 before 31 August, over two public holidays
    assert Task.objects.filter(customer_id="acme").count() == 1


def test_a_duty_is_never_left_out_and_is_due_by_the_deadline(
    followed: Followed, ladder: Ladder
) -> None:
    climbed_at(7, 14)
    taken = {s.rung.days_before: s for s in Step.objects.filter(renewal=followed["K-2"])}
    assert [days for days, step in taken.items() if step.was_skipped] == [60, 40]
    duty = taken[10].task
    assert duty is not None
    assert (duty.is_optional, duty.due_on) == (False, date(2026, 7, 15))


def test_after_the_deadline_nothing_is_begun(followed: Followed, ladder: Ladder) -> None:
    climbed_at(7, 16)
    assert not Step.objects.filter(renewal=followed["K-2"]).exists()


def test_before_the_ladder_is_switched_on_nothing_is_done(
    followed: Followed, ladder: Ladder, aiko: Person
) -> None:
    setting_up.switch(actor=aiko, on=False)
    assert climbed_at(7, 14) == 0
    assert not Task.objects.exists()


def test_help_holds_out_and_duties_do_not(followed: Followed, ladder: Ladder, aiko: Person) -> None:
    actions.set_holdout(actor=aiko, action=ladder.action, holdout=0.9)
    held = Renewal.objects.get(contract_id="K-2")
    for n in range(30):
        held.pk, held.contract_id, held.customer_id = None, f"C-{n}", f"customer {n}"
        held.save()
    climbed_at(7, 14)
    states = {(t.is_optional, t.state) for t in Task.objects.filter(customer_id__startswith="cu")}
    assert (True, TaskState.HELD) in states
    assert (False, TaskState.HELD) not in states
    help_ = Task.objects.filter(customer_id__startswith="cu", is_optional=True)
    assert help_.filter(state=TaskState.HELD).count() > 20


def test_the_rule_bites_where_all_that_is_late_is_done_at_once(
    followed: Followed, ladder: Ladder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def all_at_once(renewal: Renewal, taken: set[int], plan: climbing.Plan) -> int:
        for rung in plan.rungs[renewal.ladder_id or 1]:
            climbing._take(renewal, rung, plan)
        return len(plan.rungs)

    monkeypatch.setattr(climbing, "_climb", all_at_once)
    climbed_at(6, 5)
    assert Task.objects.filter(customer_id="beta").count() == 4


def test_a_judgement_is_kept_for_good_with_what_the_data_said(
    followed: Followed, ladder: Ladder, ben: Person
) -> None:
    pk = followed["K-2"].pk
    services.judge(actor=ben, renewal_id=pk, likelihood=0.7, text="They pay late", at=NOW)
    services.judge(actor=ben, renewal_id=pk, likelihood=0.9, committed=True)
    kept = list(Judgement.objects.order_by("pk").values_list("likelihood", "model", "source"))
    assert kept == [(0.7, pytest.approx(0.8), "model"), (0.9, pytest.approx(0.8), "model")]
    found = Renewal.objects.get(pk=pk)
    assert (found.said, found.committed) == (0.9, True)
    judgement = Judgement.objects.first()
    assert judgement is not None
    with pytest.raises(AppendOnlyError):
        judgement.delete()


def test_who_does_not_speak_in_time_is_put_before_the_managers(
    followed: Followed, ladder: Ladder, aiko: Person, ben: Person
) -> None:
    climbed_at(6, 1)
    assert Renewal.objects.get(contract_id="K-1").say_by == date(2026, 6, 4)
    climbed_at(6, 4)
    assert not Escalation.objects.filter(renewal=followed["K-1"]).exists()
    climbed_at(6, 5)
    climbed_at(6, 8)
    one = Escalation.objects.get(renewal=followed["K-1"])
    assert one.why == Why.SILENCE
    at = datetime(2026, 6, 9, 3, tzinfo=UTC)
    services.judge(actor=ben, renewal_id=followed["K-1"].pk, likelihood=0.8, at=at)
    one.refresh_from_db()
    assert one.ended_at is not None


def test_a_person_far_from_the_data_is_put_before_the_managers_until_they_answer(
    followed: Followed, ladder: Ladder, aiko: Person, ben: Person, publish: Publish
) -> None:
    pk = followed["K-2"].pk
    services.judge(actor=ben, renewal_id=pk, likelihood=0.51)
    assert not Escalation.objects.exists()
    services.judge(actor=ben, renewal_id=pk, likelihood=0.45)
    one = Escalation.objects.get()
    assert (one.why, one.said, one.model) == (Why.DISAGREEMENT, 0.45, pytest.approx(0.8))
    with pytest.raises(PermissionDenied):
        services.answer(actor=ben, escalation_id=one.pk, text="Never mind")
    services.answer(actor=aiko, escalation_id=one.pk, text="I call them")
    publish()
    following.follow()
    assert Escalation.objects.count() == 1
    publish(churn=0.05)
    following.follow()
    assert Escalation.objects.filter(ended_at=None).count() == 1


def test_exactly_the_set_difference_is_left_alone(
    followed: Followed, ladder: Ladder, ben: Person
) -> None:
    services.judge(actor=ben, renewal_id=followed["K-2"].pk, likelihood=0.5)
    assert not Escalation.objects.exists()


def test_a_loss_has_a_reason_and_ends_what_was_still_to_be_done(
    followed: Followed, ladder: Ladder, ben: Person
) -> None:
    climbed_at(6, 5)
    pk, reason = followed["K-2"].pk, LossReason.objects.get(name="Price")
    with pytest.raises(services.NoReasonError):
        services.settle(actor=ben, renewal_id=pk, state="lost")
    services.settle(actor=ben, renewal_id=pk, state="lost", reason=reason, text="Too dear")
    assert Task.objects.get(customer_id="beta").state == TaskState.DROPPED
    with pytest.raises(services.NotOpenError):
        services.judge(actor=ben, renewal_id=pk, likelihood=0.5)
    assert queries.reasons_given(date(2026, 1, 1)) == [("Price", 1, 500, "JPY")]
    assert AuditEntry.objects.filter(action="act.renewal.settled").count() == 1


def test_the_last_word_before_the_deadline_is_held_against_what_came(
    followed: Followed, ladder: Ladder, ben: Person, aiko: Person
) -> None:
    pk = followed["K-2"].pk
    for person, likelihood, month in ((ben, 0.2, 6), (aiko, 0.9, 6), (ben, 0.95, 8)):
        at = datetime(2026, month, 9, 3, tzinfo=UTC)
        services.judge(actor=person, renewal_id=pk, likelihood=likelihood, at=at)
    services.settle(actor=ben, renewal_id=pk, state="renewed")
    rows = {person.name if person else "all": found for person, found in queries.records()}
    assert {name: found.renewals for name, found in rows.items()} == {
        "all": 1, "Aiko": 1, "Ben": 1,
    }  # fmt: skip
    assert all(found.hits is None and found.needed == 19 for found in rows.values())


def test_a_change_of_the_ladder_that_somebody_else_made_meanwhile_is_not_lost(
    ladder: Ladder, publish: Publish, aiko: Person, ben: Person
) -> None:
    said = {"checkpoints": [5, 20, 5], "difference": 0.2}
    changed = setting_up.change(actor=aiko, version=1, **said)
    assert changed.checkpoints == [20, 5]
    with pytest.raises(setting_up.ChangedMeanwhileError):
        setting_up.change(actor=aiko, version=1, **said)
    with pytest.raises(PermissionDenied):
        setting_up.change(actor=ben, version=2, **said)


def test_currencies_are_never_added_up(followed: Followed, ben: Person) -> None:
    Renewal.objects.filter(contract_id="K-2").update(currency="USD")
    assert set(queries.forecasts(ben, "mine")) == {"JPY", "USD"}
    assert date(2026, 6, 1) > AS_OF
