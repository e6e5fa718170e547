"""The team: roles, leaving, and that nobody reaches above themselves."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from kizuna.web.accounts.models import AuditEntry, Person, Role, Session
from kizuna.web.accounts.services.people import (
    LastOwnerError,
    change_role,
    deactivate,
    reactivate,
)
from web.conftest import ClientOf, person


@pytest.fixture
def mika(db: None) -> Person:
    return person("Mika", Role.MANAGER)


def role_of(someone: Person) -> str:
    return Person.objects.get(pk=someone.pk).role


def test_a_manager_changes_a_role_and_it_is_recorded(mika: Person, ben: Person) -> None:
    change_role(actor=mika, person_id=ben.pk, role=Role.VIEWER)
    entry = AuditEntry.objects.get()
    assert role_of(ben) == Role.VIEWER
    assert (entry.actor, entry.target, entry.before, entry.after) == (
        mika,
        str(ben.pk),
        {"role": "member"},
        {"role": "viewer"},
    )


@pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER])
def test_members_and_viewers_change_nobody(ben: Person, role: Role) -> None:
    actor = person("Dai", role)
    for someone in (ben, actor):
        with pytest.raises(PermissionDenied):
            change_role(actor=actor, person_id=someone.pk, role=Role.OWNER)
        with pytest.raises(PermissionDenied):
            deactivate(actor=actor, person_id=someone.pk)


def test_a_manager_makes_no_owner_not_even_of_herself(mika: Person, ben: Person) -> None:
    for someone in (mika, ben):
        with pytest.raises(PermissionDenied):
            change_role(actor=mika, person_id=someone.pk, role=Role.OWNER)


def test_a_manager_does_not_touch_an_owner(aiko: Person, mika: Person) -> None:
    with pytest.raises(PermissionDenied):
        change_role(actor=mika, person_id=aiko.pk, role=Role.VIEWER)
    with pytest.raises(PermissionDenied):
        deactivate(actor=mika, person_id=aiko.pk)


def test_a_role_lost_meanwhile_counts_no_more(mika: Person, ben: Person) -> None:
    Person.objects.filter(pk=mika.pk).update(role=Role.MEMBER)
    with pytest.raises(PermissionDenied):
        change_role(actor=mika, person_id=ben.pk, role=Role.VIEWER)


def test_the_last_owner_stays(aiko: Person) -> None:
    with pytest.raises(LastOwnerError):
        change_role(actor=aiko, person_id=aiko.pk, role=Role.MANAGER)
    with pytest.raises(LastOwnerError):
        deactivate(actor=aiko, person_id=aiko.pk)
    assert role_of(aiko) == Role.OWNER


def test_an_owner_who_left_does_not_count_as_one(aiko: Person) -> None:
    gone = person("Gone", Role.OWNER)
    deactivate(actor=aiko, person_id=gone.pk)
    with pytest.raises(LastOwnerError):
        change_role(actor=aiko, person_id=aiko.pk, role=Role.MEMBER)


def test_who_is_deactivated_is_out_at_once(aiko: Person, ben: Person, client_of: ClientOf) -> None:
    his = client_of(ben)
    assert his.get("/profile/").status_code == 200
    deactivate(actor=aiko, person_id=ben.pk)
    assert his.get("/profile/")["Location"].startswith("/sign-in/")
    assert not Session.objects.filter(person=ben).exists()
    reactivate(actor=aiko, person_id=ben.pk)
    assert his.get("/profile/")["Location"].startswith("/sign-in/")


def test_the_page_says_that_the_last_owner_stays(aiko: Person, client_of: ClientOf) -> None:
    answer = client_of(aiko).post(f"/people/{aiko.pk}/role/", {"role": "viewer"}, follow=True)
    assert "make someone else an owner first" in answer.text


def test_a_forged_form_gives_no_higher_role(mika: Person, ben: Person, client_of: ClientOf) -> None:
    answer = client_of(mika).post(f"/people/{ben.pk}/role/", {"role": "owner"})
    assert (answer.status_code, role_of(ben)) == (403, Role.MEMBER)


def test_a_form_from_elsewhere_changes_nothing(aiko: Person, ben: Person) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(aiko)
    assert strict.post(f"/people/{ben.pk}/role/", {"role": "owner"}).status_code == 403
    assert role_of(ben) == Role.MEMBER


def test_looking_at_an_address_changes_nothing(
    aiko: Person, ben: Person, client_of: ClientOf
) -> None:
    assert client_of(aiko).get(f"/people/{ben.pk}/deactivate/").status_code == 405


def test_the_list_asks_the_database_as_often_for_many_as_for_few(
    aiko: Person, client_of: ClientOf, django_assert_max_num_queries: object
) -> None:
    for i in range(30):
        person(f"P{i}", Role.VIEWER)
    hers = client_of(aiko)
    hers.get("/people/")
    with django_assert_max_num_queries(5):  # type: ignore[operator]
        assert hers.get("/people/").status_code == 200


def test_a_name_is_shown_as_text_never_as_markup(aiko: Person, client_of: ClientOf) -> None:
    person("Eve", Role.VIEWER)
    Person.objects.filter(name="Eve").update(name="<script>alert(1)</script>‮")
    page = client_of(aiko).get("/people/").text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
