"""The register of actions and one action: who may do what, and what the pages say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kizuna.web.accounts.models import AuditEntry, Person, Role
from kizuna.web.act.actions import services
from kizuna.web.act.actions.models import Action, Programme
from kizuna.web.know.publications.models import Publication, Status

type ClientOf = Callable[[Person], Client]

SAID = {
    "name": "Call the quiet ones",
    "kind": "call",
    "purpose": "Those who fell silent",
    "is_optional": "on",
    "cost_per_unit": "300",
    "cost_per_minute": "50",
    "worth": "",
    "horizon_days": "90",
    "unit": "customer",
    "always_on": "1",
    "planned_units": "2000",
}


@pytest.fixture
def mari(ben: Person) -> Person:
    """A manager."""
    ben.role = Role.MANAGER
    ben.save()
    return ben


def drafted(name: str = "Play", **said: Any) -> Action:
    return services.draft(actor=None, name=name, kind="mail", **said)


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_amounts_wait_until_it_is_known_in_which_currency_they_are(
    mari: Person, client_of: ClientOf
) -> None:
    client = client_of(mari)
    assert "until then the currency is not known" in read(client, "/actions/new")
    client.post("/actions/new", SAID)  # a yen or a cent: nobody knows, so nothing is kept
    assert Action.objects.get().cost_per_unit == 0


def test_a_manager_writes_an_action_down_and_takes_it_live(
    mari: Person, client_of: ClientOf
) -> None:
    now = timezone.now()
    Publication.objects.create(
        status=Status.PUBLISHED, published_at=now, as_of=now, summary={"currency": "USD"}
    )
    client = client_of(mari)
    made = client.post("/actions/new", SAID)
    action = Action.objects.get()
    assert made.headers["Location"] == f"/actions/{action.pk}"
    assert (action.cost_per_unit, action.holdout, action.state) == (30_000, 0.1, "draft")
    client.post(f"/actions/{action.pk}/decide", {"step": "go_live", "why": "Autumn"})
    shown = read(client, f"/actions/{action.pk}")
    assert "Autumn" in shown
    assert "Taken live" in shown
    assert AuditEntry.objects.filter(action="act.action.live").count() == 1


def test_whoever_may_look_sees_the_register_and_changes_nothing(
    chiyo: Person, client_of: ClientOf
) -> None:
    action, client = drafted(), client_of(chiyo)
    assert "Play" in read(client, "/actions/")
    assert "Go live" not in read(client, f"/actions/{action.pk}")
    for address in ("new", "global-control", f"{action.pk}/change"):
        assert client.get(f"/actions/{address}").status_code == 403
    assert client.post(f"/actions/{action.pk}/decide", {"step": "go_live"}).status_code == 403


def test_an_empty_register_says_what_to_do(mari: Person, client_of: ClientOf) -> None:
    assert "No action yet" in read(client_of(mari), "/actions/")


def test_what_an_experiment_rests_on_is_not_changed_once_it_is_live(
    mari: Person, client_of: ClientOf
) -> None:
    action, client = services.go_live(actor=None, action=drafted()), client_of(mari)
    said = SAID | {"unit": "account", "edition": str(action.edition)}
    assert client.post(f"/actions/{action.pk}/change", said).status_code == 302
    action.refresh_from_db()
    assert (action.unit, action.name) == ("customer", "Call the quiet ones")


def test_of_two_who_change_at_once_the_second_is_told(mari: Person, client_of: ClientOf) -> None:
    action, client = drafted(), client_of(mari)
    services.change(actor=None, action=action, purpose="Another")
    answer = client.post(f"/actions/{action.pk}/change", SAID | {"edition": "1"})
    assert answer.status_code == 409
    again = client.post(f"/actions/{action.pk}/change", SAID | {"edition": "1"})
    assert again.status_code == 409
    action.refresh_from_db()
    assert action.purpose == "Another"


def test_shares_are_kept_in_versions(mari: Person, client_of: ClientOf) -> None:
    action, client = drafted(), client_of(mari)
    client.post(f"/actions/{action.pk}/share", {"holdout": "30", "why": "Until the first verdict"})
    action.refresh_from_db()
    assert (action.holdout, action.version, action.shares.count()) == (0.3, 2, 2)
    assert "Until the first verdict" in read(client, f"/actions/{action.pk}")
    client.post(f"/actions/{action.pk}/share", {"holdout": "95"})
    assert action.shares.count() == 2


def test_the_global_control_is_2_to_5_percent_for_6_to_12_months(
    mari: Person, client_of: ClientOf
) -> None:
    client = client_of(mari)
    read(client, "/actions/global-control")
    said = {"is_on": "on", "share": "4", "months": "6", "version": "1"}
    assert client.post("/actions/global-control", said | {"share": "9"}).status_code == 422
    assert client.post("/actions/global-control", said).status_code == 302
    kept = Programme.objects.get()
    assert (kept.is_on, kept.share, kept.months, kept.version) == (True, 0.04, 6, 2)
    assert "Someone changed this" in client.post("/actions/global-control", said).content.decode()


def test_an_action_that_holds_nobody_out_is_warned_of(mari: Person, client_of: ClientOf) -> None:
    action = drafted(holdout=0.0)
    assert "will never be known" in read(client_of(mari), f"/actions/{action.pk}")


def test_the_register_asks_as_often_however_many_there_are(
    mari: Person, client_of: ClientOf
) -> None:
    client, counts = client_of(mari), []
    read(client, "/actions/")
    for many in (1, 9):
        for number in range(many):
            drafted(f"Play {many} {number}")
        with CaptureQueriesContext(connection) as asked:
            read(client, "/actions/")
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 16
