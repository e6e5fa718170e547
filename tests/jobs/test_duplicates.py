"""Duplicates are found by exact rules, and what many share is no sign."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest

from kizuna.jobs.duplicates import KEYS, company_name, find, is_corporate_number
from kizuna.jobs.resolution import write_map
from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema

NUMBER = "7000012050002"  # the National Tax Agency's own


def store_of(tmp_path, *customers):
    store = Store(tmp_path / "store")
    store.write("customers", pa.Table.from_pylist(customers, schema=arrow_schema("customers")))
    return store


def found(store, *rules):
    return [(d.first_id, d.second_id, d.rules) for d in find(store, rules or tuple(KEYS))]


@pytest.mark.parametrize(
    "name",
    [
        "株式会社うみねこ商店",
        "うみねこ商店（株）",
        "㈱うみねこ商店",
        "うみねこ商店 株式会社",
        "うみねこ・商店",
    ],
)
def test_a_company_is_the_same_however_its_legal_form_is_written(name):
    assert company_name(name) == "うみねこ商店"


@pytest.mark.parametrize(
    "name", ["Umineko Inc.", "UMINEKO, INC", "Umineko Co., Ltd.", "ｕｍｉｎｅｋｏ ＬＬＣ"]
)
def test_foreign_legal_forms_are_left_out_too(name):
    assert company_name(name) == "umineko"


def test_a_name_that_only_ends_like_a_legal_form_is_left_as_it_is():
    assert company_name("Zinc") == "zinc"


def test_a_corporate_number_has_its_check_digit():
    assert is_corporate_number(NUMBER)
    assert not is_corporate_number("1" + NUMBER[1:])
    assert not is_corporate_number("123")


def test_each_rule_finds_its_pairs(tmp_path):
    number = json.dumps({"法人番号": NUMBER}, ensure_ascii=False)
    wrong = json.dumps({"法人番号": "1" + NUMBER[1:]}, ensure_ascii=False)
    store = store_of(
        tmp_path,
        {"customer_id": "a", "email": "x@example.com", "phone": "+81312345678"},
        {"customer_id": "b", "email": "x@example.com", "phone": "+81312345678"},
        {"customer_id": "c", "kind": "company", "name": "㈱うみねこ", "custom": number},
        {"customer_id": "d", "kind": "company", "name": "うみねこ株式会社", "custom": number},
        {"customer_id": "e", "name": "山田 花子", "name_kana": "ヤマダ ハナコ", "region": "東京都"},
        {"customer_id": "f", "name": "山田花子", "name_kana": "ヤマダハナコ", "region": "東京都"},
        {"customer_id": "g", "name": "山田花子", "name_kana": "ヤマダハナコ", "region": "大阪府"},
        {"customer_id": "h", "kind": "company", "name": "別", "custom": wrong},
        {"customer_id": "i", "kind": "company", "name": "他", "custom": wrong},
    )
    assert found(store) == [
        ("a", "b", ("email", "phone")),
        ("c", "d", ("company_name", "corporate_number")),
        ("e", "f", ("name_kana",)),
    ]
    assert found(store, "phone") == [("a", "b", ("phone",))]
    write_map(store, {"b": "a"})
    assert [pair[0] for pair in found(store)] == ["c", "e"]


def test_what_many_share_is_no_sign_that_they_are_one(tmp_path):
    many = [{"customer_id": f"c{n}", "phone": "+81312345678"} for n in range(11)]
    assert found(store_of(tmp_path, *many)) == []


def test_without_customers_or_rules_nothing_is_found(tmp_path):
    assert find(Store(tmp_path / "none"), ["email"]) == ()
    assert find(store_of(tmp_path, {"customer_id": "a"}), []) == ()
