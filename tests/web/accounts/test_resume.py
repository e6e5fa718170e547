"""A session that ends in the middle of a form: nothing typed is lost, and nobody else sees it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from kizuna.web.accounts.models import Person, Session
from web.conftest import ClientOf

RIGHT = "correct horse battery"
TYPED = {"name": 'Ben "B" <the second>\n😀', "language": "en", "timezone": "UTC", "password": "no"}


@pytest.fixture
def his(ben: Person, client_of: ClientOf) -> Client:
    """Ben's browser, in which his session has expired and a form was sent after."""
    browser = client_of(ben)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    answer = browser.post("/profile/", TYPED)
    assert answer["Location"] == "/sign-in/?next=/sign-in/resume/"
    return browser


def sign_in(browser: Client, person: Person) -> None:
    sent = {"email": person.email, "password": RIGHT, "next": "/sign-in/resume/"}
    assert browser.post("/sign-in/", sent)["Location"] == "/sign-in/resume/"


def test_the_form_is_given_back_and_can_be_sent(his: Client, ben: Person) -> None:
    assert "nothing you typed is lost" in his.get("/sign-in/").text
    sign_in(his, ben)
    page = his.get("/sign-in/resume/")
    held = page.context["held"]
    assert "&lt;the second&gt;" in page.text
    his.post(held.path, dict(held.fields))
    assert Person.objects.get(pk=ben.pk).name == TYPED["name"]


def test_a_password_is_not_held(his: Client, ben: Person) -> None:
    sign_in(his, ben)
    assert "password" not in dict(his.get("/sign-in/resume/").context["held"].fields)


def test_somebody_else_in_the_same_browser_does_not_see_it(his: Client, aiko: Person) -> None:
    sign_in(his, aiko)
    assert his.get("/sign-in/resume/")["Location"] == "/"


def test_a_stranger_has_nothing_held(ben: Person, client: Client) -> None:
    client.cookies["sessionid"] = "made-up"
    assert client.post("/profile/", TYPED)["Location"] == "/sign-in/?next=/"
    assert not Session.objects.exists()


def test_a_huge_form_is_not_held(ben: Person, client_of: ClientOf) -> None:
    browser = client_of(ben)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    answer = browser.post("/profile/", {"name": "x" * 300_000})
    assert answer["Location"] == "/sign-in/?next=/"
