"""What programs bring in and keep: through the same rules, jobs and audit log as the pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kizuna.web.accounts.models import AuditEntry
from kizuna.web.jobs.testing import run_all
from kizuna.web.know.publications.models import Publication
from web.interface.asking import Program

pytestmark = pytest.mark.django_db

ORDERS = "".join(f"c{n},2026-01-{n % 28 + 1:02},{100 + n}\n" for n in range(40))
FILE = f"buyer,date,amount\n{ORDERS}c99,never,5\n".encode()


def handed_over(program: Program, content: bytes = FILE) -> Any:
    return program.post("imports", data={"file": SimpleUploadedFile("orders.csv", content)})


def actions() -> list[str]:
    found = AuditEntry.objects.filter(action__startswith="capture.import.")
    return [str(entry.action).rpartition(".")[2] for entry in found.order_by("number")]


def test_a_file_is_handed_over_checked_started_and_taken_out_again(
    program: Program, settings: Any, tmp_path: Path
) -> None:
    settings.KIZUNA_HOME = tmp_path
    at = f"imports/{handed_over(program).json()['id']}"
    mapping = {"columns": {"customer": "buyer"}, "currency": "JPY"}
    assert program.post(f"{at}/check", json=mapping).json()["status"] == "checking"
    run_all()
    told = program.get(at).json()
    assert (told["status"], told["new"], told["left_out"]) == ("checked", 40, 1)
    assert "never" in b"".join(program.get(f"{at}/rejected.csv")).decode()
    assert program.post(f"{at}/start").status_code == 202
    run_all()
    assert program.get(at).json()["status"] == "done"
    assert program.post(f"{at}/start").status_code == 409
    assert program.post(f"{at}/undo").status_code == 202
    run_all(failures=True)
    assert program.get(at).json()["status"] == "undone"
    assert actions() == [
        "uploaded", "checked", "rejected_exported", "started", "done", "undo_started", "undone",
    ]  # fmt: skip
    assert [found["id"] for found in program.get("imports").json()["items"]]


def test_a_file_that_is_none_is_refused_with_words(
    program: Program, settings: Any, tmp_path: Path
) -> None:
    settings.KIZUNA_HOME = tmp_path
    answer = handed_over(program, b"")
    assert answer.status_code == 422
    assert answer.json()["detail"]
    assert program.get("imports").json()["items"] == []


def test_columns_that_the_file_has_not_are_refused_by_name(
    program: Program, settings: Any, tmp_path: Path
) -> None:
    settings.KIZUNA_HOME = tmp_path
    at = f"imports/{handed_over(program).json()['id']}"
    answer = program.post(f"{at}/check", json={"columns": {"customer": "nobody"}})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["at"] == ["body", "customer"]


def test_a_file_of_which_nothing_is_in_use_is_let_go(
    program: Program, settings: Any, tmp_path: Path
) -> None:
    settings.KIZUNA_HOME = tmp_path
    at = f"imports/{handed_over(program).json()['id']}"
    assert program.ask("delete", at).status_code == 204
    assert program.get(at).status_code == 404


def test_a_run_is_asked_for_once(program: Program) -> None:
    answers = [program.post("publications") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert program.get("jobs", state="waiting").json()["items"]
    job = program.get("jobs").json()["items"][0]
    assert program.get(f"jobs/{job['id']}").json()["title"] == job["title"]


def test_a_scenario_is_kept_changed_and_removed(program: Program, published: Publication) -> None:
    made = program.post("scenarios", json={"name": "Fewer leave", "loss": -20}).json()
    equity = made["outcome"]["customer_equity"]
    assert equity["after"]["value"] > equity["before"]["value"]
    at = f"scenarios/{made['id']}"
    again = {"name": "Fewer still", "loss": -30, "version": 1}
    assert program.ask("put", at, json=again).json()["version"] == 2
    assert program.ask("put", at, json=again).status_code == 409
    assert program.get("what-if", loss=-30).json() == program.get(at).json()["outcome"]
    assert program.ask("delete", at).status_code == 204
    assert program.ask("delete", at).status_code == 404
    assert AuditEntry.objects.filter(action__startswith="know.scenario.").count() == 3


def test_a_scenario_before_anything_is_published_says_what_comes_first(program: Program) -> None:
    assert program.post("scenarios", json={"name": "Too early"}).status_code == 404
