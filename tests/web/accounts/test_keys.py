"""Keys for programs: shown once, kept as a digest, no stronger than their holder."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from kizuna.web.accounts.models import ApiKey, AuditEntry, Person, Role, Scope
from kizuna.web.accounts.services.keys import make_key, revoke_key
from kizuna.web.accounts.services.people import change_role, deactivate
from web.conftest import ClientOf, person


def whoami(text: str) -> int:
    return Client().get("/api/v1/whoami", HTTP_AUTHORIZATION=f"Bearer {text}").status_code


def imports(text: str) -> int:
    return Client().get("/api/v1/imports", HTTP_AUTHORIZATION=f"Bearer {text}").status_code


def test_a_key_is_shown_once_and_opens_the_interface(ben: Person, client_of: ClientOf) -> None:
    his = client_of(ben)
    text = his.post("/profile/keys/", {"name": "Shop", "scopes": ["read"]}).context["text"]
    assert text not in his.get("/profile/keys/").text
    answer = Client().get("/api/v1/whoami", HTTP_AUTHORIZATION=f"Bearer {text}")
    assert answer.json() == {"person": "Ben", "key": "Shop", "scopes": ["read"]}
    assert ApiKey.objects.get().used_at is not None


def test_the_text_of_a_key_is_kept_nowhere(ben: Person) -> None:
    _key, text = make_key(actor=ben, name="Shop", scopes=[Scope.READ])
    kept = str(list(ApiKey.objects.values())) + str(list(AuditEntry.objects.values()))
    assert text not in kept
    assert text.removeprefix("kizuna_")[10:] not in kept


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic kizuna_x", "Bearer \x00é"])
def test_without_a_key_nothing_opens(ben: Person, header: str) -> None:
    answer = Client().get("/api/v1/whoami", HTTP_AUTHORIZATION=header)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")


def test_a_session_is_no_key(aiko: Person, client_of: ClientOf) -> None:
    assert client_of(aiko).get("/api/v1/whoami").status_code == 401


def test_a_key_does_only_what_its_scopes_say(ben: Person) -> None:
    _key, text = make_key(actor=ben, name="Loader", scopes=[Scope.WRITE])
    assert imports(text) == 200
    assert whoami(text) == 403


def test_a_key_ends_with_its_holder(aiko: Person, ben: Person) -> None:
    _key, text = make_key(actor=ben, name="Shop", scopes=[Scope.READ])
    deactivate(actor=aiko, person_id=ben.pk)
    assert whoami(text) == 401


def test_a_key_is_weakened_with_its_holder(aiko: Person, ben: Person) -> None:
    _key, text = make_key(actor=ben, name="Shop", scopes=[Scope.READ, Scope.WRITE])
    change_role(actor=aiko, person_id=ben.pk, role=Role.VIEWER)
    assert imports(text) == 403
    assert whoami(text) == 200


def test_a_viewer_makes_no_key(chiyo: Person, client_of: ClientOf) -> None:
    with pytest.raises(PermissionDenied):
        make_key(actor=chiyo, name="x", scopes=[Scope.READ])
    assert client_of(chiyo).post("/profile/keys/", {"name": "x"}).status_code == 403


def test_nobody_is_offered_what_she_may_not_grant(
    aiko: Person, ben: Person, client_of: ClientOf
) -> None:
    pages = {who: client_of(who).get("/profile/keys/").text for who in (aiko, ben)}
    assert 'value="undo"' in pages[aiko]
    assert 'value="undo"' not in pages[ben]


def test_a_scope_that_does_not_exist_is_refused(ben: Person, client_of: ClientOf) -> None:
    client_of(ben).post("/profile/keys/", {"name": "x", "scopes": ["everything"]})
    assert not ApiKey.objects.exists()


def test_a_revoked_key_opens_nothing(ben: Person, client_of: ClientOf) -> None:
    key, text = make_key(actor=ben, name="Shop", scopes=[Scope.READ])
    client_of(ben).post(f"/profile/keys/{key.pk}/revoke/")
    assert whoami(text) == 401
    assert "Shop" not in client_of(ben).get("/profile/keys/").text


def test_a_member_neither_sees_nor_revokes_the_key_of_another(
    aiko: Person, ben: Person, client_of: ClientOf
) -> None:
    key, text = make_key(actor=aiko, name="Hers", scopes=[Scope.READ])
    assert "Hers" not in client_of(ben).get("/profile/keys/").text
    assert client_of(ben).post(f"/profile/keys/{key.pk}/revoke/").status_code == 403
    with pytest.raises(PermissionDenied):
        revoke_key(actor=person("Mika", Role.MANAGER), key_id=key.pk)
    assert whoami(text) == 200


def test_a_manager_revokes_the_key_of_someone_no_higher(ben: Person) -> None:
    key, text = make_key(actor=ben, name="Shop", scopes=[Scope.READ])
    revoke_key(actor=person("Mika", Role.MANAGER), key_id=key.pk)
    assert whoami(text) == 401
