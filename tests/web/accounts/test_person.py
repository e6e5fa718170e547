"""People: one an address, in a known role."""

from __future__ import annotations

import pytest
from django.db import IntegrityError

from kizuna.web.accounts.models import Person, Role


def test_a_role_covers_itself_and_those_below(ben: Person) -> None:
    assert [role for role in Role if ben.may(role)] == [Role.MEMBER, Role.VIEWER]


def test_someone_who_left_may_do_nothing(aiko: Person) -> None:
    aiko.is_active = False
    assert not any(aiko.may(role) for role in Role)


def test_an_address_is_found_whatever_its_case(aiko: Person) -> None:
    assert Person.objects.get_by_natural_key(" AIKO@Example.com") == aiko


@pytest.mark.parametrize("email", ["aiko@example.com", "Aiko@example.com"])
def test_an_address_belongs_to_one_person(aiko: Person, email: str) -> None:
    with pytest.raises(IntegrityError):
        Person.objects.create(email=email, name="Another", role=Role.VIEWER)


def test_an_unknown_role_is_refused_by_the_database(db: None) -> None:
    with pytest.raises(IntegrityError):
        Person.objects.create(email="d@example.com", name="D", role="emperor")
