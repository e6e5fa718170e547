"""Who is placed where: once, for ever, under whichever key, alone or with the account."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from kizuna.experiments.srm import sample_ratio
from kizuna.jobs.tombstones import Tombstones
from kizuna.pipeline.store import Store
from kizuna.web.accounts.models import Person
from kizuna.web.act.actions import control, queries, services
from kizuna.web.act.actions.giving import give_actions
from kizuna.web.act.actions.models import Action, Assignment, Deed, GlobalPlace, Programme
from kizuna.web.act.actions.placing import Placement
from kizuna.web.capture.consents.models import AppendOnlyError
from kizuna.web.capture.identities.services import merging
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.publications.hooks import GIVEN_HOOKS

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
MANY = [f"c{n}" for n in range(2_000)]


def live(holdout: float = 0.1, name: str = "Play", **said: Any) -> Action:
    made = services.draft(actor=None, name=name, kind="mail", holdout=holdout, **said)
    # chance is that of a name and a salt: the same on each database
    Action.objects.filter(pk=made.pk).update(salt=f"{name} {made.pk}")
    return services.go_live(actor=None, action=Action.objects.get(pk=made.pk))


def place(action: Action, *customers: str, at: datetime = NOON) -> dict[str, Placement]:
    return services.place(action=action, customer_ids=customers, reason="test", at=at)


def put(action: Action, customer: str, arm: str, at: datetime = NOON, unit: str = "") -> None:
    Assignment(
        action=action, customer_id=customer, unit_id=unit or customer, version=1, arm=arm,
        propensity=0.5, holdout=0.5, eligible_at=at,
    ).save()  # fmt: skip


def test_a_tenth_is_held_out_and_the_arms_are_as_large_as_they_were_to_be() -> None:
    found = place(live(), *MANY)
    held = sum(not placement.is_treated for placement in found.values())
    assert 0.08 < held / len(MANY) < 0.12
    ratio = sample_ratio([len(MANY) - held, held], [0.9 * len(MANY), 0.1 * len(MANY)])
    assert ratio.holds
    assert Assignment.objects.count() == len(MANY)


def test_whoever_is_placed_stays_so_whatever_the_share_becomes() -> None:
    action = live(0.5)
    first = place(action, *MANY[:200])
    services.set_holdout(actor=None, action=action, holdout=0.9)
    assert place(action, *MANY[:200], at=NOON + timedelta(days=9)) == first
    assert Assignment.objects.filter(version=2).count() == 0
    place(action, "new")
    assert Assignment.objects.get(customer_id="new").version == 2


def test_two_actions_hold_out_different_customers() -> None:
    found = [place(live(0.5, name), *MANY[:200]) for name in ("a", "b")]
    same = sum(found[0][c].is_treated == found[1][c].is_treated for c in MANY[:200])
    assert 60 < same < 140


def test_a_customer_is_assigned_once_and_for_ever() -> None:
    action = live()
    put(action, "c1", "control")
    with pytest.raises(IntegrityError), transaction.atomic():
        put(action, "c1", "treated")
    row = Assignment.objects.get()
    row.arm = "treated"
    with pytest.raises(AppendOnlyError):
        row.save()
    with pytest.raises(AppendOnlyError):
        Assignment.objects.all().update(arm="treated")


def test_customers_of_an_account_are_placed_together_whenever_they_come() -> None:
    facts = [
        CustomerFact(customer_id=c, folded="", fingerprint=1, parent_id=f"a{int(c[1:]) % 40}")
        for c in MANY[:200]
    ]
    CustomerFact.objects.bulk_create(facts)
    action = live(0.5, unit="account")
    early = place(action, *MANY[:40])
    services.set_holdout(actor=None, action=action, holdout=0.1)
    late = place(action, *MANY[40:200])
    for number, customer in enumerate(MANY[:200]):
        assert (early | late)[customer].arm == early[MANY[number % 40]].arm
    assert {p.arm for p in early.values()} == {"control", "treated"}


def test_of_who_is_merged_the_earliest_row_counts_and_a_control_binds(aiko: Person) -> None:
    action = live()
    put(action, "a", "treated")
    put(action, "b", "control", NOON + timedelta(days=1))
    merging.merge(actor=aiko, survivor_id="b", loser_id="a")
    for key in ("a", "b"):
        assert place(action, key)[key] == Placement("treated", False, "contaminated")
        assert queries.is_held_out(key, action, NOON)


def test_who_was_merged_is_placed_no_second_time(aiko: Person) -> None:
    action = live()
    put(action, "a", "control")
    merging.merge(actor=aiko, survivor_id="b", loser_id="a")
    assert place(action, "b", "a")["b"] == Placement("control", False, "held_out")
    assert Assignment.objects.count() == 1


def test_nobody_is_placed_before_an_action_is_live_and_after_it_is_paused() -> None:
    action = services.draft(actor=None, name="Play", kind="mail")
    assert place(action, "a")["a"] == Placement("", False, "draft")
    services.go_live(actor=None, action=action)
    services.pause(actor=None, action=action)
    assert place(action, "a")["a"].why == "paused"
    assert not Assignment.objects.exists()


def test_what_is_not_optional_reaches_everyone() -> None:
    action = live(is_optional=False)
    assert place(action, "a")["a"] == Placement("treated", True, "service")
    assert not Assignment.objects.exists()
    with pytest.raises(services.NotPossibleError):
        services.set_holdout(actor=None, action=action, holdout=0.1)


def test_whoever_was_erased_is_not_placed(tmp_path: Path, settings: Any) -> None:
    settings.KIZUNA_HOME = tmp_path
    Tombstones(tmp_path).add(("gone",), NOON)
    assert place(live(), "gone")["gone"].why == "erased"
    assert not Assignment.objects.exists()


def test_the_value_foretold_is_kept_as_it_was_on_that_day() -> None:
    fact = CustomerFact.objects.create(
        customer_id="a", folded="", fingerprint=1, residual_clv=700.0
    )
    place(live(), "a")
    fact.residual_clv = 5.0
    fact.save()
    assert Assignment.objects.get().predicted == 700.0


def test_placing_asks_as_often_for_one_as_for_some_hundreds() -> None:
    action = live()
    place(action, "warm")
    counts = []
    for some in (MANY[:1], MANY[1:401]):
        with CaptureQueriesContext(connection) as asked:
            place(action, *some)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 16


def programme(**said: Any) -> Programme:
    Programme.objects.all().delete()
    return Programme.objects.create(**({"share": 0.05, "salt": "s", "months": 6} | said))


def test_a_few_are_left_alone_by_every_action_and_others_in_the_next_turn() -> None:
    programme()
    actions = [live(0.5, name) for name in ("a", "b")]
    found = [place(action, *MANY) for action in actions]
    alone = {c for c in MANY if found[0][c].why == "global"}
    assert 0.03 < len(alone) / len(MANY) < 0.07
    assert alone == {c for c in MANY if found[1][c].why == "global"}
    assert not Assignment.objects.filter(customer_id__in=alone).exists()
    later = place(actions[0], *MANY, at=NOON + timedelta(days=200))
    assert alone & {c for c in MANY if later[c].why == "global"} != alone


def test_turns_begin_with_a_month_and_last_as_long_as_was_set() -> None:
    kept = programme(months=6)
    assert control.turn_of(kept, date(2026, 11, 25)) == "2026-07"
    assert control.turn_ends_on(kept, date(2026, 11, 25)) == date(2027, 1, 1)
    assert control.turn_of(kept, date(2027, 1, 1)) == "2027-01"


def test_around_the_turn_those_of_both_turns_are_left_alone() -> None:
    programme()
    action = live(0.0)
    border = datetime(2027, 1, 1, tzinfo=UTC)
    days = [border + timedelta(hours=h) for h in (-40, -1, 1, 40)]
    alone = [{c for c, p in place(action, *MANY, at=d).items() if not p.is_treated} for d in days]
    assert alone[1] == alone[2] == alone[0] | alone[3]
    assert alone[0] != alone[3]


def test_who_was_left_alone_stays_so_within_the_turn_though_the_share_falls() -> None:
    kept = programme()
    action = live(0.0)
    alone = {c for c, p in place(action, *MANY).items() if not p.is_treated}
    Programme.objects.filter(pk=kept.pk).update(share=0.02)
    assert {c for c, p in place(action, *MANY).items() if not p.is_treated} == alone
    assert queries.in_global_control(min(alone), NOON)


def test_a_deed_is_recorded_once_with_what_it_cost() -> None:
    action = live(cost_per_unit=120.0, cost_per_minute=50.5)
    told: dict[str, Any] = {
        "key": "k",
        "action": action,
        "customer_id": "a",
        "kind": "call",
        "at": NOON,
    }
    made = services.record_deed(**told, minutes=3, discount=500)
    assert services.record_deed(**told) == made
    assert (made.cost, made.discount, Deed.objects.count()) == (272, 500, 1)


def test_the_tables_name_customers_as_they_are_now(aiko: Person, tmp_path: Path) -> None:
    programme()
    action, store = live(), Store(tmp_path / "store")
    put(action, "a", "treated")
    put(action, "b", "control", NOON + timedelta(days=1))
    put(action, "c", "control")
    GlobalPlace(
        turn="2026-07", customer_id="g", unit_id="g", version=1, is_held=True, share=0.05,
        placed_at=NOON,
    ).save()  # fmt: skip
    services.record_deed(key="k", action=action, customer_id="c", kind="mail", at=NOON)
    merge = merging.merge(actor=aiko, survivor_id="b", loser_id="a")
    give_actions(store)
    rows = {row["customer_id"]: row for row in store.read("assignments").to_pylist()}
    assert {c: (r["arm"], r["contaminated"]) for c, r in rows.items()} == {
        "b": ("treated", True),
        "c": ("control", False),
        "g": ("control", False),
    }
    assert rows["b"]["eligible_on"] == NOON.date()
    kinds = {row["experiment_id"]: row["kind"] for row in store.read("experiments").to_pylist()}
    assert kinds == {str(action.pk): "mail", "global-2026-07": "global"}
    assert store.read("actions").num_rows == 1
    merging.undo(actor=aiko, merge_id=merge.pk)
    give_actions(store)
    assert store.read("assignments").num_rows == 4


def test_nothing_is_written_where_nothing_changed(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    give_actions(store)
    assert not store.names()
    place(live(), "a")
    give_actions(store)
    before = store.versions("assignments")
    give_actions(store)
    assert store.versions("assignments") == before
    assert give_actions in GIVEN_HOOKS


def test_only_managers_decide(ben: Person) -> None:
    with pytest.raises(PermissionDenied):
        services.draft(actor=ben, name="Play", kind="mail")


def test_states_follow_one_another() -> None:
    action = services.draft(actor=None, name="Play", kind="mail")
    services.dry_run(actor=None, action=action)
    services.go_live(actor=None, action=action)
    services.pause(actor=None, action=action)
    services.resume(actor=None, action=action)
    services.conclude(actor=None, action=action)
    for step in (services.go_live, services.resume, services.pause, services.dry_run):
        with pytest.raises(services.NotPossibleError):
            step(actor=None, action=action)
    assert (action.state, action.started_on is None, action.ended_on is None) == (
        "concluded",
        False,
        False,
    )
