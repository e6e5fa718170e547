"""The lists beside the order log: customers as a shop writes them down, and what they cost."""

from __future__ import annotations

import csv
import json
import unicodedata
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from kizuna.demo import DemoCompany, simulate_company
from kizuna.demo.people import half_width

AS_OF = date(2026, 3, 31)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> DemoCompany:
    return simulate_company(tmp_path_factory.mktemp("demo"), as_of=AS_OF, customers=1500)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_customer_of_the_orders_is_on_the_list_once(company: DemoCompany) -> None:
    listed = [row["顧客番号"] for row in rows(company.customer_list)]
    ordered = {row["顧客番号"] for row in rows(company.orders)} - {""}
    assert len(listed) == len(set(listed)) == 1500
    assert set(listed) == ordered


def test_nobody_was_won_after_the_first_order(company: DemoCompany) -> None:
    first: dict[str, str] = {}
    for row in rows(company.orders):
        if row["注文番号"].startswith("H"):
            day = first.get(row["顧客番号"], "9999")
            first[row["顧客番号"]] = min(day, row["注文日時"][:10])
    assert {row["顧客番号"]: row["獲得日"] for row in rows(company.customer_list)} == first


def test_branches_name_their_head_office(company: DemoCompany) -> None:
    by_number = {row["顧客番号"]: row for row in rows(company.customer_list)}
    branches = [row for row in by_number.values() if row["親会社"]]
    assert len(branches) > 10
    for row in branches:
        head = by_number[row["親会社"]]
        assert row["氏名"].startswith(head["氏名"])
        assert head["親会社"] == ""


def test_numbers_and_kana_are_written_by_several_hands(company: DemoCompany) -> None:
    listed = rows(company.customer_list)
    phones = [row["電話番号"] for row in listed if row["電話番号"]]
    assert any(phone.startswith("+81") for phone in phones)
    assert any("０" in phone for phone in phones)
    assert len({unicodedata.normalize("NFKC", p).replace("-", "") for p in phones}) == len(phones)
    assert any("ｱ" <= row["フリガナ"][:1] <= "ﾝ" for row in listed)


def test_kana_of_half_width_mean_the_same() -> None:
    assert half_width("ワタナベ ガッキー") == "ﾜﾀﾅﾍﾞ ｶﾞｯｷｰ"
    assert unicodedata.normalize("NFKC", half_width("パヴェ・ギョウザ")) == "パヴェ・ギョウザ"


def test_costs_add_up_to_what_a_customer_of_each_channel_cost(company: DemoCompany) -> None:
    truth = json.loads(company.truth.read_text("utf-8"))["acquisition"]
    spent, won = Counter[str](), Counter[str]()
    for row in rows(company.costs):
        spent[row["費用番号"].partition("-")[2]] += int(row["金額"])
    for row in rows(company.customer_list):
        won[row["流入経路"]] += 1
    assert {name: known["amount"] for name, known in truth.items()} == dict(spent)
    assert sorted(known["customers"] for known in truth.values()) == sorted(won.values())
    assert truth["social"]["per_customer"] == pytest.approx(6000, rel=0.1)


def test_costs_cover_whole_months(company: DemoCompany) -> None:
    for row in rows(company.costs):
        assert row["開始日"][-2:] == "01"
        assert row["開始日"][:7] == row["終了日"][:7]


def test_lists_come_in_english_too(tmp_path: Path) -> None:
    company = simulate_company(tmp_path, as_of=AS_OF, customers=200, lang="en")
    assert rows(company.customer_list)[0]["name"].isascii()
    assert rows(company.costs)[0]["kind"] == "acquisition"
