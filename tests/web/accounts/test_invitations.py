"""Invitations: signed, for one person, once, for a while, to a role no higher than the giver's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from kizuna.web.accounts.models import AuditEntry, Invitation, Person, Role
from kizuna.web.accounts.services.invitations import (
    NoInvitationError,
    accept,
    invitation_of,
    invite,
    token_of,
    withdraw,
)
from kizuna.web.accounts.services.people import change_role, deactivate
from web.conftest import ClientOf, person

ANSWERS = {
    "name": "Emi",
    "email": "emi@example.com",
    "password": "correct horse battery",
    "again": "correct horse battery",
    "language": "en",
    "timezone": "UTC",
}


@pytest.fixture
def link(aiko: Person) -> str:
    return f"/join/{token_of(invite(actor=aiko, role=Role.MEMBER, note='Emi'))}/"


def test_who_follows_the_link_joins_in_the_role_chosen(link: str, client: Client) -> None:
    assert "Aiko" in client.get(link).text
    assert client.post(link, ANSWERS | {"role": "owner"})["Location"] == "/"
    assert Person.objects.get(email="emi@example.com").role == Role.MEMBER
    assert client.get("/profile/").status_code == 200


def test_a_link_works_once(link: str, client: Client) -> None:
    client.post(link, ANSWERS)
    second = Client().post(link, ANSWERS | {"email": "fumi@example.com"})
    assert second.status_code == 410
    assert not Person.objects.filter(email="fumi@example.com").exists()


def test_a_link_expires(link: str, client: Client) -> None:
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.post(link, ANSWERS).status_code == 410


def test_a_link_can_be_withdrawn(aiko: Person, link: str, client: Client) -> None:
    withdraw(actor=aiko, invitation_id=Invitation.objects.get().pk)
    assert client.get(link).status_code == 410


def test_a_forged_link_opens_nothing(link: str, client: Client) -> None:
    key = Invitation.objects.get().pk
    for forged in (f"{key}", f"{key}:signature", link[6:-2] + "x", "\x00"):
        assert client.get(f"/join/{forged}/").status_code == 410


@pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER])
def test_members_and_viewers_invite_nobody(db: None, role: Role) -> None:
    with pytest.raises(PermissionDenied):
        invite(actor=person("Dai", role), role=Role.VIEWER)


def test_a_manager_invites_no_owner(db: None, client_of: ClientOf) -> None:
    mika = person("Mika", Role.MANAGER)
    with pytest.raises(PermissionDenied):
        invite(actor=mika, role=Role.OWNER)
    assert client_of(mika).post("/people/", {"role": "owner"}).status_code == 200
    assert not Invitation.objects.exists()


def test_a_manager_neither_sees_nor_withdraws_a_link_to_a_higher_role(
    aiko: Person, client_of: ClientOf
) -> None:
    made = invite(actor=aiko, role=Role.OWNER)
    mika = person("Mika", Role.MANAGER)
    assert token_of(made) not in client_of(mika).get("/people/").text
    with pytest.raises(PermissionDenied):
        withdraw(actor=mika, invitation_id=made.pk)


def test_an_invitation_dies_with_the_right_to_give_it(aiko: Person) -> None:
    mika, nao = person("Mika", Role.MANAGER), person("Nao", Role.MANAGER)
    tokens = [token_of(invite(actor=who, role=Role.MANAGER)) for who in (mika, nao)]
    deactivate(actor=aiko, person_id=mika.pk)
    change_role(actor=aiko, person_id=nao.pk, role=Role.MEMBER)
    for token in tokens:
        with pytest.raises(NoInvitationError):
            invitation_of(token)


def test_an_address_in_use_leaves_the_link_usable(link: str, client: Client) -> None:
    taken = client.post(link, ANSWERS | {"email": "AIKO@example.com"})
    assert "in the team already" in taken.text
    assert client.post(link, ANSWERS)["Location"] == "/"


def test_using_a_link_twice_at_once_is_caught_by_the_database(aiko: Person) -> None:
    made = invite(actor=aiko, role=Role.VIEWER)
    token = token_of(made)
    given = {"name": "Emi", "password": "x"}
    accept(token=token, email="emi@example.com", **given)
    Invitation.objects.update(accepted_by=None)
    with pytest.raises(NoInvitationError):
        accept(token=token, email="fumi@example.com", **given)


def test_making_and_using_a_link_is_recorded(link: str, client: Client) -> None:
    client.post(link, ANSWERS)
    kept = AuditEntry.objects.order_by("number").values_list("action", "actor__name")
    assert list(kept)[:2] == [
        ("accounts.invitation.made", "Aiko"),
        ("accounts.invitation.accepted", "Emi"),
    ]
