"""The second factor: without the code the password opens nothing; a code works once."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from kizuna.web.accounts import totp
from kizuna.web.accounts.models import AuditEntry, Person, RecoveryCode, SecondFactor
from kizuna.web.accounts.secrecy import hide
from kizuna.web.accounts.services.attempts import OF_ACCOUNT
from web.conftest import ClientOf

RIGHT = "correct horse battery"
PAGE = "/profile/second-factor/"
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def code(secret: str = SECRET, *, steps: int = 0) -> str:
    return totp.code_at(secret, totp.step_at(timezone.now().timestamp()) + steps)


def door(person: Person) -> Client:
    """Give a browser in which the password was given, and the code is owed."""
    client = Client()
    answer = client.post("/sign-in/", {"email": person.email, "password": RIGHT})
    assert answer["Location"] == "/sign-in/code/"
    return client


@pytest.fixture
def careful(aiko: Person) -> Person:
    """Aiko, with her second factor on."""
    SecondFactor.objects.create(person=aiko, secret=hide(SECRET), last_step=0)
    return aiko


def is_in(client: Client) -> bool:
    return client.get("/profile/").status_code == 200


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_rfc_6238_appendix_b(moment: int, expected: str) -> None:
    # the appendix prints eight digits; six are their end
    assert totp.code_at(SECRET, totp.step_at(moment)) == expected


def test_the_password_alone_opens_nothing(careful: Person) -> None:
    assert not is_in(door(careful))


def test_the_code_opens_the_door(careful: Person) -> None:
    browser = door(careful)
    browser.post("/sign-in/code/", {"code": code()})
    assert is_in(browser)


def test_a_code_works_once(careful: Person) -> None:
    now = code()
    door(careful).post("/sign-in/code/", {"code": now})
    second = door(careful)
    second.post("/sign-in/code/", {"code": now})
    assert not is_in(second)


@pytest.mark.parametrize("wrong", ["000000", "", "abc", "１２３"])
def test_a_wrong_code_opens_nothing(careful: Person, wrong: str) -> None:
    browser = door(careful)
    browser.post("/sign-in/code/", {"code": wrong})
    assert not is_in(browser)


@pytest.mark.parametrize("steps", [-5, 5])
def test_a_code_of_another_time_opens_nothing(careful: Person, steps: int) -> None:
    browser = door(careful)
    browser.post("/sign-in/code/", {"code": code(steps=steps)})
    assert not is_in(browser)


def test_without_the_password_there_is_no_place_for_a_code(careful: Person) -> None:
    assert Client().post("/sign-in/code/", {"code": code()})["Location"] == "/sign-in/"


def test_guessing_codes_is_stopped(careful: Person) -> None:
    browser = door(careful)
    for _ in range(OF_ACCOUNT):
        assert browser.post("/sign-in/code/", {"code": "000000"}).status_code == 200
    assert browser.post("/sign-in/code/", {"code": code()}).status_code == 429
    assert not is_in(browser)


def test_the_code_has_to_come_soon(careful: Person) -> None:
    browser = door(careful)
    session = browser.session
    session["pending"] = {**session["pending"], "until": "2001-01-01T00:00:00+00:00"}
    session.save()
    assert browser.post("/sign-in/code/", {"code": code()})["Location"] == "/sign-in/"


def test_switching_on_gives_codes_for_the_day_the_phone_is_lost(
    aiko: Person, client_of: ClientOf
) -> None:
    hers = client_of(aiko)
    page = hers.get(PAGE)
    secret = page.context["secret"]
    assert page.text.count("data:image/svg+xml;base64,") == 1
    codes = hers.post(PAGE, {"code": code(secret)}).context["codes"]
    assert len(set(codes)) == 10
    browser = door(aiko)
    browser.post("/sign-in/code/", {"code": codes[0].upper()})
    assert is_in(browser)
    again = door(aiko)
    again.post("/sign-in/code/", {"code": codes[0]})
    assert not is_in(again)


def test_nothing_is_kept_from_which_a_code_could_be_read(aiko: Person, client_of: ClientOf) -> None:
    hers = client_of(aiko)
    secret = hers.get(PAGE).context["secret"]
    codes = hers.post(PAGE, {"code": code(secret)}).context["codes"]
    kept = str(list(SecondFactor.objects.values())) + str(list(RecoveryCode.objects.values()))
    kept += str(list(AuditEntry.objects.values()))
    assert not any(text in kept for text in [secret, *codes, codes[0].replace("-", "")])


def test_a_wrong_first_code_switches_nothing_on(aiko: Person, client_of: ClientOf) -> None:
    hers = client_of(aiko)
    hers.get(PAGE)
    hers.post(PAGE, {"code": "000000"})
    assert not SecondFactor.objects.exists()


def test_switching_off_asks_for_the_password(careful: Person, client_of: ClientOf) -> None:
    hers = client_of(careful)
    hers.post(PAGE, {"password": "wrong"})
    assert SecondFactor.objects.exists()
    hers.post(PAGE, {"password": RIGHT})
    assert not SecondFactor.objects.exists()


def test_new_recovery_codes_replace_the_old(careful: Person, client_of: ClientOf) -> None:
    hers = client_of(careful)
    old = hers.post(PAGE, {"password": RIGHT, "renew": "1"}).context["codes"]
    hers.post(PAGE, {"password": RIGHT, "renew": "1"})
    browser = door(careful)
    browser.post("/sign-in/code/", {"code": old[0]})
    assert not is_in(browser)
