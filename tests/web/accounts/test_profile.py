"""A person's own pages: language and time zone, password, sessions."""

from __future__ import annotations

from django.test import Client

from kizuna.web.accounts.models import AuditEntry, Person, Session
from web.conftest import ClientOf

RIGHT = "correct horse battery"
NEW = "a longer and better one"


def is_in(client: Client) -> bool:
    return client.get("/profile/").status_code == 200


def change_password(client: Client, **given: str) -> None:
    asked = {"password": RIGHT, "new": NEW, "again": NEW}
    client.post("/profile/password/", asked | given)


def test_pages_speak_the_language_of_the_person(ben: Person, client_of: ClientOf) -> None:
    his = client_of(ben)
    sent = {"name": "勉", "language": "ja", "timezone": "Asia/Tokyo"}
    his.post("/profile/", sent)
    page = his.get("/profile/", HTTP_ACCEPT_LANGUAGE="en")
    assert page["Content-Language"] == "ja"
    assert "プロフィール" in page.text
    entry = AuditEntry.objects.get(action="accounts.profile.changed")
    assert (entry.before["name"], entry.after["name"]) == ("Ben", "勉")


def test_the_language_is_switched_from_any_page(ben: Person, client_of: ClientOf) -> None:
    his = client_of(ben)
    his.post("/language/", {"language": "ja", "next": "/profile/"})
    assert his.get("/profile/")["Content-Language"] == "ja"
    his.post("/language/", {"language": "tlh", "next": "/profile/"})
    assert Person.objects.get(pk=ben.pk).language == "ja"


def test_a_profile_form_changes_neither_role_nor_address(ben: Person, client_of: ClientOf) -> None:
    sent = {"name": "Ben", "language": "en", "timezone": "UTC"}
    more = {"role": "owner", "email": "aiko@example.com", "is_active": "1"}
    client_of(ben).post("/profile/", sent | more)
    after = Person.objects.get(pk=ben.pk)
    assert (after.role, after.email) == ("member", "ben@example.com")


def test_a_new_password_signs_out_every_other_browser(ben: Person, client_of: ClientOf) -> None:
    here, there = client_of(ben), client_of(ben)
    change_password(here)
    assert is_in(here)
    assert not is_in(there)
    assert Client().login(email=ben.email, password=NEW)


def test_a_password_is_changed_only_with_the_one_in_use(ben: Person, client_of: ClientOf) -> None:
    his = client_of(ben)
    change_password(his, password="wrong")
    change_password(his, again="different")
    change_password(his, new="short", again="short")
    assert Client().login(email=ben.email, password=RIGHT)


def test_guessing_the_password_from_within_is_stopped(ben: Person, client_of: ClientOf) -> None:
    his = client_of(ben)
    for i in range(12):
        change_password(his, password=f"guess {i}")
    change_password(his)
    assert Client().login(email=ben.email, password=RIGHT)


def test_sessions_are_listed_with_where_they_are(ben: Person, client_of: ClientOf) -> None:
    his = client_of(ben)
    sent = {"email": ben.email, "password": RIGHT}
    Client(REMOTE_ADDR="10.9.8.7", HTTP_USER_AGENT="Foxy").post("/sign-in/", sent)
    page = his.get("/profile/sessions/").text
    assert "10.9.8.7" in page
    assert "Foxy" in page
    assert not any(row.session_key in page for row in Session.objects.all())


def test_one_other_session_is_ended(ben: Person, client_of: ClientOf) -> None:
    here, there = client_of(ben), client_of(ben)
    (other,) = (p for p in here.get("/profile/sessions/").context["places"] if not p.here)
    here.post(f"/profile/sessions/{other.handle}/end/")
    assert is_in(here)
    assert not is_in(there)


def test_nobody_ends_the_session_of_another(aiko: Person, ben: Person, client_of: ClientOf) -> None:
    hers, his = client_of(aiko), client_of(ben)
    (place,) = hers.get("/profile/sessions/").context["places"]
    his.post(f"/profile/sessions/{place.handle}/end/")
    his.post("/profile/sessions/end-others/")
    assert is_in(hers)


def test_all_other_sessions_are_ended(ben: Person, client_of: ClientOf) -> None:
    here, there = client_of(ben), client_of(ben)
    here.post("/profile/sessions/end-others/")
    assert (is_in(here), is_in(there)) == (True, False)


def test_all_sessions_are_ended(ben: Person, client_of: ClientOf) -> None:
    here, there = client_of(ben), client_of(ben)
    here.post("/profile/sessions/end-all/")
    assert (is_in(here), is_in(there)) == (False, False)


def test_where_a_session_was_seen_is_written_seldom(
    ben: Person, client_of: ClientOf, django_assert_num_queries: object
) -> None:
    his = client_of(ben)
    his.get("/profile/")
    with django_assert_num_queries(3):  # type: ignore[operator]
        his.get("/profile/")
