"""A person meets the entries that she may open, and no others."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from kizuna.web.accounts.models import Person, Role
from kizuna.web.ui import navigation
from kizuna.web.ui.navigation import Entry, groups_for

DECLARED = (
    Entry("Sign in", "accounts:sign_in", role="viewer"),
    Entry("Keys", "style", role="owner"),
    Entry("Gone", "no:such", role="viewer"),
)


@pytest.mark.parametrize(
    ("role", "labels"), [(Role.OWNER, ["Sign in", "Keys"]), (Role.VIEWER, ["Sign in"])]
)
def test_an_entry_is_shown_from_its_least_role_upwards(
    role: Role, labels: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(navigation, "entries", lambda: DECLARED)
    request = RequestFactory().get("/ui/")
    request.user = Person(role=role)
    (group,) = groups_for(request)
    assert [link.label for link in group.links] == labels
    assert [link.label for link in group.links if link.current] == labels[1:]


def test_of_two_entries_above_a_page_the_nearer_is_where_one_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    above = (Entry("Customers", "customers:list"), Entry("Fields", "profiles:fields"))
    monkeypatch.setattr(navigation, "entries", lambda: above)
    request = RequestFactory().get(reverse("profiles:fields"))
    request.user = Person(role=Role.OWNER)
    (group,) = groups_for(request)
    assert [link.label for link in group.links if link.current] == ["Fields"]


def test_who_is_not_signed_in_has_no_navigation() -> None:
    assert groups_for(RequestFactory().get("/")) == ()


def test_what_the_apps_declare_is_known_to_the_frame() -> None:
    found = navigation.entries()
    assert {entry.group for entry in found} <= set(navigation.GROUPS)
    assert {entry.role for entry in found} <= set(Role.values)


def test_the_frame_asks_the_database_for_the_person_and_the_worker_alone(
    client_of: Any, aiko: Person, django_assert_num_queries: Any
) -> None:
    client: Client = client_of(aiko)
    client.get("/ui/")
    with django_assert_num_queries(3):
        client.get("/ui/")


@pytest.mark.parametrize(("path", "open_"), [("/", False), ("/imports/", True)])
def test_what_is_set_up_once_is_folded_unless_one_is_there(
    path: str, open_: bool, aiko: Person
) -> None:
    request = RequestFactory().get(path)
    request.user = aiko
    found = {group.name: group for group in groups_for(request)}
    assert (found["data"].folded, found["data"].current) == (True, open_)
    assert not found[""].folded
