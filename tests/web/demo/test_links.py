"""The door of the demo: for one person, once, from this machine, and in a demo alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import include, path

from kizuna.web import urls as site
from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.accounts.services import second_factor
from kizuna.web.demo import links

urlpatterns = [*site.urlpatterns, path("demo/", include("kizuna.web.demo.urls"))]


@pytest.fixture
def door(settings: Any, aiko: Person) -> str:
    """Give a link of the owner, in an installation that is a demo."""
    settings.ROOT_URLCONF = __name__
    return links.link_of(aiko)


def test_the_link_signs_in_and_is_on_record(door: str, client: Client, aiko: Person) -> None:
    assert client.get(door)["Location"] == "/"
    assert client.get("/profile/").status_code == 200
    entry = AuditEntry.objects.get(action="accounts.signed_in")
    assert (entry.actor, entry.after) == (aiko, {"how": "demo link"})


def test_it_works_once(door: str, client: Client) -> None:
    client.get(door)
    second = Client()
    assert second.get(door)["Location"].startswith("/sign-in/")
    assert second.get("/profile/").status_code == 302


def test_a_link_made_after_signing_in_works_again(door: str, client: Client, aiko: Person) -> None:
    client.get(door)
    aiko.refresh_from_db()
    assert Client().get(links.link_of(aiko))["Location"] == "/"


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": ""},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
    ],
)
def test_from_elsewhere_there_is_no_door(door: str, elsewhere: dict[str, Any]) -> None:
    assert Client(**elsewhere).get(door).status_code == 404
    assert Client().get(door)["Location"] == "/"


def test_a_forged_link_leads_to_signing_in(door: str, client: Client) -> None:
    assert client.get("/demo/forged/")["Location"].startswith("/sign-in/")
    assert client.get(door[:-3] + "xx/")["Location"].startswith("/sign-in/")


def test_an_old_link_leads_to_signing_in(
    door: str, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "GOOD_FOR", -links.GOOD_FOR)
    assert client.get(door)["Location"].startswith("/sign-in/")


def test_who_left_has_no_link(door: str, client: Client) -> None:
    Person.objects.update(is_active=False)
    assert client.get(door)["Location"].startswith("/sign-in/")


def test_a_second_factor_is_asked_for_as_well(
    door: str, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_factor, "is_on", lambda person: True)
    assert client.get(door)["Location"] == "/sign-in/code/"
    assert client.get("/profile/").status_code == 302


def test_no_other_installation_has_the_door(aiko: Person, client: Client) -> None:
    assert client.get("/demo/anything/").status_code == 404
