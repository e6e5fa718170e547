"""An action that began before it was known here: its register comes in whole, by chance alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from kizuna.experiments.assignment import CONTROL, Design
from kizuna.jobs.tombstones import Tombstones
from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.act.actions import services
from kizuna.web.act.actions.history import Done, NotByChanceError, Past, Was, bring_in
from kizuna.web.act.actions.models import Action, Assignment, Decided, Deed, GlobalPlace

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MANY = [f"c{n}" for n in range(40)]


def draft(**said: Any) -> Action:
    values: dict[str, Any] = {"holdout": 0.4, "cost_per_unit": 5, "cost_per_minute": 2}
    return services.draft(actor=None, name="Cards", kind="task", **(values | said))


def past(action: Action, *, ended_on: date | None = date(2026, 3, 31)) -> Past:
    design = Design(action.experiment_id, "salt", action.holdout)
    placed = [Was(who, NOON, design.place(who).arm, "second order") for who in MANY]
    treated = [one.customer_id for one in placed if one.arm != CONTROL]
    done = [Done(f"card:{who}", who, "task", NOON, minutes=3) for who in treated]
    return Past("salt", NOON.date(), ended_on, placed, done)


def test_what_was_placed_and_done_stands_with_its_days_and_costs() -> None:
    action = draft()
    told = past(action)
    found = bring_in(actor=None, action=action, past=told)
    assert (found.state, found.started_on, found.ended_on) == (
        "concluded",
        NOON.date(),
        date(2026, 3, 31),
    )
    kept = dict(Assignment.objects.values_list("customer_id", "arm"))
    assert kept == {one.customer_id: one.arm for one in told.placed}
    assert set(Assignment.objects.values_list("eligible_at", "predicted")) == {(NOON, None)}
    assert list(Deed.objects.values_list("cost", flat=True).distinct()) == [11]
    assert Decided.objects.get(verb="brought_in").said["placed"] == len(MANY)
    assert AuditEntry.objects.filter(action="act.action.brought_in").count() == 1
    assert not GlobalPlace.objects.exists()


def test_what_goes_on_is_live_and_places_as_it_did() -> None:
    action = draft()
    told = past(action, ended_on=None)
    found = bring_in(actor=None, action=action, past=replace(told, placed=told.placed[:20]))
    now = NOON + timedelta(days=200)
    placed = services.place(action=found, customer_ids=MANY, reason="again", at=now)
    assert {who: one.arm for who, one in placed.items() if one.arm != "global"} == {
        one.customer_id: one.arm for one in told.placed if placed[one.customer_id].arm != "global"
    }


def test_an_arm_that_somebody_chose_is_refused_and_nothing_of_it_stays() -> None:
    action = draft()
    told = past(action)
    chosen = replace(told.placed[0], arm="treated" if told.placed[0].arm == CONTROL else CONTROL)
    with pytest.raises(NotByChanceError):
        bring_in(actor=None, action=action, past=replace(told, placed=[chosen, *told.placed[1:]]))
    assert not Assignment.objects.exists()
    assert Action.objects.get(pk=action.pk).state == "draft"


def test_what_has_begun_and_days_that_are_not_over_are_refused() -> None:
    action = draft()
    told = past(action)
    for wrong in (
        replace(told, ended_on=date(2999, 1, 1)),
        replace(told, started_on=date(2026, 4, 1)),
        replace(told, ended_on=date(2026, 3, 1)),
    ):
        with pytest.raises(services.NotPossibleError):
            bring_in(actor=None, action=action, past=wrong)
    bring_in(actor=None, action=action, past=told)
    with pytest.raises(services.NotPossibleError):
        bring_in(actor=None, action=action, past=told)


def test_nothing_of_somebody_who_was_erased_comes_back(settings: Any, tmp_path: Path) -> None:
    settings.KIZUNA_HOME = tmp_path  # what is buried outlives a test
    action = draft()
    Tombstones(tmp_path).add(["c3"], NOON)
    bring_in(actor=None, action=action, past=past(action))
    assert not Assignment.objects.filter(customer_id="c3").exists()
    assert not Deed.objects.filter(customer_id="c3").exists()
    assert Assignment.objects.count() == len(MANY) - 1


def test_only_managers_may(ben: Person) -> None:
    action = draft()
    with pytest.raises(PermissionDenied):
        bring_in(actor=ben, action=action, past=past(action))
