"""People and clients for the tests of the application; each run has a data folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import translation

from kizuna.web.accounts.models import Person, Role

type ClientOf = Callable[[Person], Client]


def person(name: str, role: Role) -> Person:
    """Make someone who may sign in."""
    made = Person(email=f"{name.lower()}@example.com", name=name, role=role)
    made.set_password("correct horse battery")
    made.save()
    return made


@pytest.fixture(autouse=True)
def no_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw the same salts in each run, and leave nobody alone but where a test says so."""
    monkeypatch.setattr("kizuna.web.act.actions.models.secrets", SimpleNamespace(token_hex=str))
    monkeypatch.setattr("kizuna.web.act.actions.control.AT_FIRST", {"is_on": False})


@pytest.fixture(autouse=True)
def no_language() -> None:
    """Forget the language in which the test before has asked for a page."""
    translation.deactivate()


@pytest.fixture
def aiko(db: None) -> Person:
    """The owner."""
    return person("Aiko", Role.OWNER)


@pytest.fixture
def ben(db: None) -> Person:
    """A member of her team."""
    return person("Ben", Role.MEMBER)


@pytest.fixture
def chiyo(db: None) -> Person:
    """Someone who may only look."""
    return person("Chiyo", Role.VIEWER)


@pytest.fixture
def client_of() -> ClientOf:
    """Give a browser in which a person is signed in."""

    def signed_in(someone: Person) -> Client:
        client = Client()
        client.force_login(someone)
        return client

    return signed_in
