"""Who is known at the accounts, what was noted, and who turned: it fits the contracts."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kizuna.demo import DemoCompany, simulate_company
from kizuna.demo.people import OWNERS, TEAM
from kizuna.demo.relations import Relations, read_relations

AS_OF = date(2026, 3, 31)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> DemoCompany:
    return simulate_company(tmp_path_factory.mktemp("demo"), as_of=AS_OF, customers=1500)


@pytest.fixture(scope="module")
def truth(company: DemoCompany) -> dict[str, Any]:
    return dict(json.loads(company.truth.read_text("utf-8")))


@pytest.fixture(scope="module")
def known(company: DemoCompany) -> Relations:
    return read_relations(company.touched.relations)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_people_are_known_where_somebody_looks_after_a_running_contract(
    company: DemoCompany, known: Relations
) -> None:
    owners = {row["顧客番号"]: row["担当者メールアドレス"] for row in rows(company.customer_list)}
    seats = {row["顧客番号"] for row in rows(company.touched.contracts) if row["席数"]}
    for one in known.contacts:
        assert one.customer_id in seats
        assert owners[one.customer_id] in TEAM
    assert set(owners.values()) == set(OWNERS)


def test_the_sponsor_is_there_or_a_note_says_that_she_left(known: Relations) -> None:
    roles, notes = defaultdict(set), defaultdict(list)
    for one in known.contacts:
        roles[one.customer_id].add(one.role)
    for note in known.notes:
        notes[note.customer_id].append(note)
    assert known.gone
    for who, found in roles.items():
        assert ("sponsor" in found) == (who not in known.gone)
    for who in known.gone:
        [note] = notes[who]
        assert any(f"@{names['ja']}" in note.text for names in TEAM.values())
        assert f"@{TEAM[note.author]['ja']}" not in note.text


def test_companies_have_names_of_their_own(company: DemoCompany) -> None:
    names = [row["氏名"] for row in rows(company.customer_list) if row["区分"] == "法人"]
    assert len(names) == len(set(names)) > 50


def test_a_few_accounts_turn_in_the_last_month(company: DemoCompany, truth: dict[str, Any]) -> None:
    turned = truth["turned"]
    assert 5 <= len(turned["use"]) < 15
    assert set(turned["use"]) & set(turned["effort"])
    assert set(turned["use"]) & set(turned["payment"])
    noticed = {
        row["顧客番号"]
        for row in rows(company.touched.contracts)
        if row["解約申込日"] > "2026/03/03" and row["契約終了日"] >= f"{AS_OF:%Y/%m/%d}"
    }
    assert set(turned["notice"]) == noticed


def test_a_payment_that_failed_is_made_good_but_by_who_has_turned_away(
    company: DemoCompany, truth: dict[str, Any]
) -> None:
    told: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for line in company.touched.events.read_text("utf-8").splitlines():
        said = json.loads(line)
        if said.get("event", "").startswith("Payment "):
            told[said["userId"]].append((said["timestamp"], said["event"]))
    failed = [at for found in told.values() for at, event in found if event == "Payment Failed"]
    assert len(failed) > 20
    still_open = {
        who
        for who, found in told.items()
        for at, event in found
        if event == "Payment Failed" and not any(later > at for later, _what in found)
    }
    assert still_open == set(truth["turned"]["unpaid"]) != set()
