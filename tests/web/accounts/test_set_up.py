"""The first start: one owner is made, by one person, once."""

from __future__ import annotations

import pytest
from django.test import Client

from kizuna.web.accounts.models import Installation, Person, Role
from kizuna.web.accounts.services.set_up import SetUpIsClosedError, set_up

ANSWERS = {
    "name": "Aiko",
    "email": "Aiko@Example.com",
    "password": "correct horse battery",
    "again": "correct horse battery",
    "language": "ja",
    "timezone": "Asia/Tokyo",
}


@pytest.mark.parametrize("address", ["/", "/sign-in/", "/people/", "/nowhere/"])
def test_while_there_is_nobody_every_page_leads_to_the_set_up(
    db: None, client: Client, address: str
) -> None:
    assert client.get(address)["Location"] == "/setup/"


def test_health_answers_before_the_set_up(db: None, client: Client) -> None:
    assert client.get("/health/live").status_code == 200


def test_the_first_one_becomes_the_owner_and_is_signed_in(db: None, client: Client) -> None:
    assert client.post("/setup/", ANSWERS)["Location"] == "/"
    owner = Person.objects.get()
    assert (owner.email, owner.role, owner.timezone) == (
        "aiko@example.com",
        Role.OWNER,
        "Asia/Tokyo",
    )
    page = client.get("/profile/")
    assert (page.status_code, page["Content-Language"]) == (200, "ja")


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "password1234", "again": "password1234"},
        {"again": "something else"},
        {"timezone": "Mars/Base"},
        {"email": "no address"},
        {"name": ""},
    ],
)
def test_a_wrong_answer_makes_nobody(db: None, client: Client, wrong: dict[str, str]) -> None:
    assert client.post("/setup/", ANSWERS | wrong).status_code == 200
    assert not Person.objects.exists()


def test_the_door_is_shut_after(aiko: Person, client: Client) -> None:
    assert client.get("/setup/")["Location"] == "/sign-in/"
    assert client.post("/setup/", ANSWERS)["Location"] == "/sign-in/"
    with pytest.raises(SetUpIsClosedError):
        set_up(email="x@example.com", name="X", password="x")
    assert Person.objects.count() == 1


def test_the_door_stays_shut_when_everyone_is_gone(db: None, client: Client) -> None:
    Installation.objects.create()
    assert client.get("/setup/")["Location"] == "/sign-in/"
    with pytest.raises(SetUpIsClosedError):
        set_up(email="x@example.com", name="X", password="x")
