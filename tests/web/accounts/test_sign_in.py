"""Signing in and out: who gets in, how often one may try, and what a session is worth after."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from kizuna.web.accounts.models import AuditEntry, Person, Session
from kizuna.web.accounts.services.attempts import OF_ACCOUNT, OF_ORIGIN

RIGHT = "correct horse battery"
URL = "/sign-in/"


def test_the_right_password_opens_the_door(aiko: Person, client: Client) -> None:
    answer = client.post(URL, {"email": " AIKO@example.com ", "password": RIGHT})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(aiko.pk)


def test_a_session_gets_a_new_key_when_someone_signs_in(aiko: Person, client: Client) -> None:
    client.cookies["sessionid"] = "planted-by-someone-else-0123456789"
    client.post(URL, {"email": aiko.email, "password": RIGHT})
    assert client.cookies["sessionid"].value != "planted-by-someone-else-0123456789"


@pytest.mark.parametrize(
    ("email", "password"),
    [("aiko@example.com", "wrong"), ("nobody@example.com", RIGHT), ("\x00@x", "\x00")],
)
def test_a_wrong_one_is_refused_without_saying_which(
    aiko: Person, client: Client, email: str, password: str
) -> None:
    answer = client.post(URL, {"email": email, "password": password})
    assert answer.status_code == 200
    assert "_auth_user_id" not in client.session


def test_someone_who_left_does_not_get_in(aiko: Person, client: Client) -> None:
    Person.objects.update(is_active=False)
    client.post(URL, {"email": aiko.email, "password": RIGHT})
    assert "_auth_user_id" not in client.session


def test_guessing_one_account_is_stopped_from_anywhere(aiko: Person) -> None:
    for i in range(OF_ACCOUNT):
        guess = {"email": aiko.email, "password": f"guess {i}"}
        assert Client(REMOTE_ADDR=f"10.0.0.{i}").post(URL, guess).status_code == 200
    right = {"email": "AIKO@example.com", "password": RIGHT}
    answer = Client(REMOTE_ADDR="10.0.1.1").post(URL, right)
    assert answer.status_code == 429
    assert "_auth_user_id" not in answer.client.session  # type: ignore[attr-defined]


def test_guessing_many_accounts_from_one_place_is_stopped(aiko: Person, client: Client) -> None:
    for i in range(OF_ORIGIN):
        client.post(URL, {"email": f"p{i}@example.com", "password": "x"})
    assert client.post(URL, {"email": aiko.email, "password": RIGHT}).status_code == 429
    elsewhere = Client(REMOTE_ADDR="10.0.1.1")
    assert elsewhere.post(URL, {"email": aiko.email, "password": RIGHT}).status_code == 302


def test_a_forged_forwarding_header_does_not_help(aiko: Person, client: Client) -> None:
    for i in range(OF_ORIGIN):
        forged = {"HTTP_X_FORWARDED_FOR": f"10.1.1.{i}"}
        client.post(URL, {"email": f"p{i}@example.com", "password": "x"}, **forged)  # type: ignore[arg-type]
    assert client.post(URL, {"email": aiko.email, "password": RIGHT}).status_code == 429


def test_who_signs_in_is_led_to_where_they_wanted_to_go(aiko: Person, client: Client) -> None:
    sent = {"email": aiko.email, "password": RIGHT, "next": "/profile/"}
    assert client.post(URL, sent)["Location"] == "/profile/"


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_nobody_is_led_away_from_the_site(aiko: Person, client: Client, away: str) -> None:
    sent = {"email": aiko.email, "password": RIGHT, "next": away}
    assert client.post(URL, sent)["Location"] == "/"


def test_a_form_from_elsewhere_is_refused(aiko: Person) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(URL, {"email": aiko.email, "password": RIGHT}).status_code == 403


def test_signing_out_ends_the_session(aiko: Person, client: Client) -> None:
    client.force_login(aiko)
    key = client.cookies["sessionid"].value
    assert client.get(reverse("accounts:sign_out")).status_code == 405
    client.post(reverse("accounts:sign_out"))
    assert not Session.objects.filter(session_key=key).exists()


def test_coming_going_and_being_refused_are_recorded(aiko: Person, client: Client) -> None:
    client.post(URL, {"email": aiko.email, "password": "wrong"})
    client.post(URL, {"email": aiko.email, "password": RIGHT}, HTTP_USER_AGENT="Fox")
    client.post(reverse("accounts:sign_out"))
    kept = AuditEntry.objects.order_by("number").values_list("action", flat=True)
    assert list(kept) == [
        "accounts.sign_in.refused",
        "accounts.signed_in",
        "accounts.signed_out",
    ]
    signed_in = AuditEntry.objects.get(number=2)
    assert (signed_in.actor, signed_in.address, signed_in.agent) == (aiko, "127.0.0.1", "Fox")
