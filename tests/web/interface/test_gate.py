"""The gate: keys and scopes, problems, limits; by rule over every operation."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client
from ninja import Router

from kizuna.web.accounts.models import Person, Role, Scope
from kizuna.web.accounts.services.people import change_role
from kizuna.web.api import api, described
from kizuna.web.interface import gate as gates
from kizuna.web.interface.gate import scope_of
from kizuna.web.interface.keys import Key
from kizuna.web.interface.problems import PROBLEM_JSON
from web.conftest import ClientOf, person
from web.interface.asking import ROOT, Program

pytestmark = pytest.mark.django_db

OPERATIONS = [
    (method, route, operation)
    for route, view in api.views()
    for operation in view.operations
    for method in operation.methods
]
NAMES = [f"{method} {route}" for method, route, _op in OPERATIONS]


def address(route: str) -> str:
    return re.sub(r"{int:\w+}", "999", route).replace("{name}", "orders")


def is_problem(answer: Any, status: int) -> bool:
    told = answer.json() if answer["Content-Type"] == PROBLEM_JSON else {}
    return answer.status_code == status == told.get("status") and "title" in told


@pytest.mark.parametrize(("method", "route", "operation"), OPERATIONS, ids=NAMES)
def test_every_operation_asks_for_a_scope(method: str, route: str, operation: Any) -> None:
    assert [type(callback) for callback in operation.auth_callbacks] == [Key]


def test_an_operation_without_a_scope_is_found() -> None:
    router = Router()

    @router.get("/new")
    def forgotten(request: HttpRequest) -> dict[str, Any]:
        return {}

    assert scope_of(router.path_operations["/new"].operations) is None


@pytest.mark.parametrize(("method", "route", "operation"), OPERATIONS, ids=NAMES)
def test_without_a_key_nothing_opens(
    aiko: Person, client_of: ClientOf, method: str, route: str, operation: Any
) -> None:
    # nor does a browser in which the owner is signed in
    for client in (Client(), client_of(aiko)):
        answer = client.generic(method, ROOT + address(route))
        assert is_problem(answer, 401)
        assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "route", "operation"), OPERATIONS, ids=NAMES)
def test_a_key_without_the_scope_is_refused(
    aiko: Person, method: str, route: str, operation: Any
) -> None:
    wanted = operation.auth_callbacks[0].scope
    program = Program(aiko, *(scope for scope in Scope if scope != wanted))
    answer = program.ask(method.lower(), address(route), **_body(operation))
    assert is_problem(answer, 403)
    assert wanted.value in answer.json()["detail"]


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("method", "route", "operation"), OPERATIONS, ids=NAMES)
def test_a_key_does_no_more_than_the_role_of_its_holder(
    aiko: Person, role: Role, method: str, route: str, operation: Any
) -> None:
    holder = person("Dai", Role.OWNER)
    program = Program(holder)
    change_role(actor=aiko, person_id=holder.pk, role=role)
    least = operation.auth_callbacks[0].role
    answer = program.ask(method.lower(), address(route), **_body(operation))
    assert is_problem(answer, 403) is not role.covers(least)


def _body(operation: Any) -> dict[str, Any]:
    kinds = {model.__ninja_param_source__ for model in operation.models}
    return {"json": {}} if "body" in kinds else {"data": {}} if "file" in kinds else {}


def test_nothing_at_an_address_is_a_problem(program: Program) -> None:
    assert is_problem(program.get("nothing/here"), 404)
    assert is_problem(program.get("publications/999"), 404)
    assert is_problem(program.get("publications/" + "9" * 30), 422)
    assert is_problem(Client().get(ROOT + "nothing"), 401)


def test_a_method_that_is_not_taken_is_a_problem(program: Program) -> None:
    answer = program.ask("delete", "scenarios")
    assert is_problem(answer, 405)
    assert answer["Allow"] == "GET, POST"


def test_a_body_of_another_kind_is_a_problem(program: Program) -> None:
    answer = program.post("scenarios", data="name=x", content_type="text/plain")
    assert is_problem(answer, 415)
    assert is_problem(program.post("imports", json={}), 415)


def test_a_body_that_is_too_large_is_a_problem(program: Program) -> None:
    large = {"name": "x" * 3_000_000}
    assert is_problem(program.post("scenarios", json=large), 413)


def test_a_body_that_cannot_be_read_is_a_problem(program: Program) -> None:
    broken = program.post("scenarios", data="{", content_type="application/json")
    assert is_problem(broken, 400)
    parts = program.post("imports", data="x", content_type="multipart/form-data; boundary=")
    assert is_problem(parts, 400)


def test_a_body_that_is_not_as_described_says_where(program: Program) -> None:
    answer = program.post("scenarios", json={"name": "x", "loss": "5", "more": 1})
    assert is_problem(answer, 422)
    assert {error["at"][-1] for error in answer.json()["errors"]} == {"loss", "more"}


@pytest.mark.parametrize("query", ["nonsense=1", "limit=1_0", "first_from=0", "value_from=nan"])
def test_a_parameter_that_means_nothing_is_refused(program: Program, query: str) -> None:
    assert is_problem(program.ask("get", f"customers?{query}"), 422)


def test_a_fault_is_a_problem_without_its_text(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_said: object) -> int:
        raise RuntimeError("secret")

    monkeypatch.setattr(gates, "wait_for", broken)
    answer = program.get("whoami")
    assert is_problem(answer, 500)
    assert "secret" not in answer.text


def test_a_full_disk_is_said(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_said: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(gates, "wait_for", full)
    answer = program.get("whoami")
    assert is_problem(answer, 503)
    assert answer["Retry-After"] == "30"


def test_who_asks_too_often_is_told_to_wait(program: Program, settings: Any) -> None:
    settings.API_PER_MINUTE = 3
    answers = [program.get("whoami") for _ in range(8)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) >= 2
    assert 1 <= int(refused[0]["Retry-After"]) <= 60
    assert is_problem(refused[0], 429)


def test_one_key_does_not_use_up_the_allowance_of_another(
    program: Program, ben: Person, settings: Any
) -> None:
    settings.API_PER_MINUTE = 1
    for _ in range(4):
        program.get("whoami")
    assert Program(ben, Scope.READ).get("whoami").status_code == 200


def test_a_key_that_is_counted_nowhere_is_never_refused(
    program: Program, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the deliberate bug: without the count, nobody waits
    settings.API_PER_MINUTE = 1
    monkeypatch.setattr("kizuna.web.interface.limits._count", lambda key, minute: 0)
    assert {program.get("whoami").status_code for _ in range(5)} == {200}


def test_words_follow_the_language_asked_for(program: Program) -> None:
    told = program.ask("get", "nothing", headers={"Accept-Language": "ja"})
    assert told.json()["detail"] == "このアドレスには何もありません。"
    assert told["Content-Language"] == "ja"


def test_before_there_is_anybody_a_program_is_not_led_to_the_set_up(db: None) -> None:
    assert is_problem(Client().get(ROOT + "whoami"), 401)


def test_the_description_names_scopes_and_problems(db: None) -> None:
    told = Client().get(ROOT + "openapi.json").json()
    assert told["openapi"] == "3.1.0"
    for methods in told["paths"].values():
        for said in methods.values():
            assert said["security"][0]["Key"][0] in set(Scope)
            assert PROBLEM_JSON in said["responses"]["401"]["content"]


def test_the_page_shows_every_operation_in_both_languages(
    chiyo: Person, client_of: ClientOf
) -> None:
    page = client_of(chiyo).get(ROOT + "docs").text
    for path, methods in described()["paths"].items():
        for method in methods:
            assert f"{method.upper()} {path}" in page
    chiyo.language = "ja"
    chiyo.save()
    assert "顧客を条件と順序で絞り" in client_of(chiyo).get(ROOT + "docs").text
    assert "<script>" not in page
