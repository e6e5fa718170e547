"""Who took the store's card too: planted, written by other hands, and found by the rules."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Collection
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from kizuna.demo import DemoCompany, simulate_company
from kizuna.jobs import duplicates, records
from kizuna.jobs.records import RecordFile
from kizuna.pipeline.store import Store

AS_OF, TODAY = date(2026, 3, 31), date(2026, 4, 1)
SURE = ("email", "phone", "company_name")
"""Rules of which one alone says enough; the same name and reading are also those of namesakes."""

type Pair = tuple[str, str]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> DemoCompany:
    return simulate_company(tmp_path_factory.mktemp("demo"), as_of=AS_OF, customers=1500)


@pytest.fixture(scope="module")
def truth(company: DemoCompany) -> dict[str, Any]:
    return dict(json.loads(company.truth.read_text("utf-8"))["duplicates"])


@pytest.fixture(scope="module")
def found(company: DemoCompany, tmp_path_factory: pytest.TempPathFactory) -> dict[Pair, set[str]]:
    """What the rules of the product find in the lists, as they are brought in."""
    store = Store(tmp_path_factory.mktemp("home") / "store")
    for path in (company.customer_list, company.cards):
        file = RecordFile(path=path, name=path.name, table="customers")
        at = datetime(2026, 4, 1, tzinfo=UTC)
        loaded = records.load(store, file, batch=path.stem, at=at, today=TODAY)
        assert not loaded.rejected
    pairs = duplicates.find(store, tuple(duplicates.KEYS))
    return {(one.first_id, one.second_id): set(one.rules) for one in pairs}


def by(found: dict[Pair, set[str]], rules: Collection[str]) -> set[Pair]:
    return {pair for pair, why in found.items() if why.intersection(rules)}


def test_cards_have_numbers_of_their_own_and_no_orders(company: DemoCompany) -> None:
    with company.cards.open(encoding="utf-8-sig", newline="") as file:
        numbers = [row["会員番号"] for row in csv.DictReader(file)]
    assert len(numbers) == len(set(numbers)) == 45
    assert not {n for n in numbers if n in company.orders.read_text("utf-8-sig")}


def test_the_truth_names_for_each_card_who_is_the_same_or_lives_there(
    company: DemoCompany, truth: dict[str, Any]
) -> None:
    assert (len(truth["same"]), len(truth["at_home"])) == (30, 15)
    assert not truth["same"].keys() & truth["at_home"].keys()
    assert truth["by"] == dict(Counter(truth["shows"].values()))
    assert sum(truth["by"].values()) == 30


def test_most_are_found_and_what_a_mail_address_or_telephone_says_is_mostly_right(
    found: dict[Pair, set[str]], truth: dict[str, Any]
) -> None:
    same = {(who, card) for card, who in truth["same"].items()}
    at_home = {(who, card) for card, who in truth["at_home"].items()}
    assert len(same & found.keys()) / len(same) >= 0.9
    sure = by(found, SURE)
    assert sure <= same | at_home
    assert by(found, {"email"}) <= same
    told_apart = {pair for pair in sure if found[pair] != {"phone"}}
    assert len(told_apart & same) == len(told_apart)
    shown = {
        (truth["same"][card], card) for card, why in truth["shows"].items() if why != "nothing"
    }
    assert len(shown & found.keys()) / len(shown) >= 0.95
    assert len(sure & same) / len(sure) >= 0.6


def test_who_can_be_told_by_nothing_is_not_found(
    found: dict[Pair, set[str]], truth: dict[str, Any]
) -> None:
    hidden = {(truth["same"][card], card) for card, w in truth["shows"].items() if w == "nothing"}
    assert not hidden & found.keys()


def test_those_found_by_most_rules_come_first_and_are_right(
    found: dict[Pair, set[str]], truth: dict[str, Any]
) -> None:
    many = [pair for pair, why in found.items() if len(why) > 1]
    assert list(found)[: len(many)] == many
    assert {(truth["same"].get(card), card) for _who, card in many} == set(many)
    names = [why == {"name_kana"} for why in found.values()]
    assert names == sorted(names)


def test_cards_come_in_english_too(tmp_path: Path) -> None:
    company = simulate_company(tmp_path, as_of=AS_OF, customers=300, lang="en")
    with company.cards.open(encoding="utf-8-sig", newline="") as file:
        assert all(row["name"].isascii() for row in csv.DictReader(file))
