"""Rules over every address of the project: each has a rule, and each rule is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, path

from kizuna.web.accounts.models import Person, Role, Scope
from kizuna.web.accounts.permissions import PUBLIC, access_of
from web.conftest import person

type Rules = list[tuple[str, Role]]

STAND_INS = {
    "int": "999999",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "str": "nothing",
    "slug": "nothing",
    "path": "nothing",
}


def walk(
    patterns: list[URLPattern | URLResolver], before: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, route)
        else:
            yield route, pattern


ADDRESSES = list(walk(get_resolver().url_patterns))


def unruled(addresses: list[tuple[str, URLPattern]]) -> list[str]:
    return [route for route, pattern in addresses if access_of(pattern.callback) is None]


def address_of(route: str) -> str:
    return "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda kind: STAND_INS[kind[1] or "str"], route)


def guarded() -> Rules:
    found = [(address_of(route), access_of(p.callback)) for route, p in ADDRESSES]
    return [(address, rule) for address, rule in found if isinstance(rule, Role)]


def test_every_address_is_public_or_requires_a_role_or_a_key() -> None:
    assert unruled(ADDRESSES) == []


def test_a_new_page_without_a_rule_fails() -> None:
    def page(request: HttpRequest) -> HttpResponse:
        return HttpResponse("all your secrets")

    forgotten: list[URLPattern | URLResolver] = [path("new/", page)]
    assert unruled(list(walk(forgotten))) == ["new/"]


def test_few_addresses_are_public() -> None:
    names = {str(p.name) for _, p in ADDRESSES if access_of(p.callback) == PUBLIC}
    assert names <= {
        "live", "ready", "set_language", "set_up", "sign_in", "code", "sign_out", "join", "resume",
        "forgotten", "new_password", "take_event", "take_contacts", "api_description",
        "preferences", "unsubscribe", "confirm",
        "calendar_feed", "follow", "opened", "answer_survey",
        "on_site_settings", "on_site_ask", "on_site_note", "on_site_answer",
    }  # fmt: skip


def asked(signed_in: Client, address: str, *methods: str) -> list[HttpResponse]:
    """Ask an address in a browser of its own; what that does to the database is undone."""
    browser = Client()
    browser.cookies.load({name: kept.value for name, kept in signed_in.cookies.items()})
    with transaction.atomic():
        answers = [getattr(browser, method)(address) for method in methods]
        transaction.set_rollback(True)
    return answers


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_is_sent_to_sign_in(aiko: Person, client: Client, method: str) -> None:
    met = {address: asked(client, address, method)[0] for address, _rule in guarded()}
    assert len(met) > 200
    assert {address: answer.status_code for address, answer in met.items()} == dict.fromkeys(
        met, 302
    )
    elsewhere = [a for a, answer in met.items() if not answer["Location"].startswith("/sign-in/")]
    assert elsewhere == []


def wrongly_answered(client: Client, role: Role, rules: Rules) -> list[str]:
    """Tell the addresses that open where their rule does not let a role in, or the other way."""
    return [
        address
        for address, rule in rules
        if not all(_kept(answer, role, rule) for answer in asked(client, address, "get", "post"))
    ]


def _kept(answer: HttpResponse, role: Role, rule: Role) -> bool:
    # beyond the rule of the page, what is addressed may be missing, or another's
    if role.covers(rule):
        sent_away = answer.get("Location", "").startswith("/sign-in/?")
        return answer.status_code < 500 and not sent_away
    return answer.status_code == 403


@pytest.mark.parametrize("role", Role)
def test_each_role_opens_what_it_may_and_no_more(aiko: Person, client: Client, role: Role) -> None:
    client.force_login(person("Dai", role))
    assert wrongly_answered(client, role, guarded()) == []


def test_a_page_that_opens_against_its_rule_is_found(aiko: Person, client: Client) -> None:
    client.force_login(person("Dai", Role.VIEWER))
    rules = [("/customers/", Role.VIEWER), ("/customers/", Role.OWNER)]
    assert wrongly_answered(client, Role.VIEWER, rules) == ["/customers/"]


@pytest.mark.parametrize(
    ("address", "least"),
    [
        ("/people/", Role.MANAGER),
        ("/audit/", Role.MANAGER),
        ("/audit/export.csv", Role.MANAGER),
        ("/profile/", Role.VIEWER),
        ("/profile/password/", Role.VIEWER),
        ("/profile/second-factor/", Role.VIEWER),
        ("/profile/sessions/", Role.VIEWER),
        ("/profile/keys/", Role.MEMBER),
    ],
)
@pytest.mark.parametrize("role", Role)
def test_pages_about_people_answer_200_or_403(
    db: None, client: Client, address: str, least: Role, role: Role
) -> None:
    client.force_login(person("Dai", role))
    assert client.get(address).status_code == (200 if role.covers(least) else 403)


def test_addresses_for_programs_refuse_who_has_no_key(aiko: Person, client: Client) -> None:
    client.force_login(aiko)
    for route, pattern in ADDRESSES:
        if isinstance(access_of(pattern.callback), Scope):
            assert client.get(address_of(route)).status_code == 401


def test_no_page_for_a_person_is_kept_by_a_cache(aiko: Person, client: Client) -> None:
    client.force_login(aiko)
    assert "no-store" in client.get("/profile/")["Cache-Control"]
