"""A page looked up on the shelf is the page that the database gives."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from kizuna.web.know.customers import queries, scanning, shelf
from kizuna.web.know.customers.models import CustomerFact, Shelf
from kizuna.web.know.customers.shelf import SPREAD, spread
from shelved import shelve

pytestmark = pytest.mark.django_db
ASKED: list[dict[str, Any]] = [
    {"sort": "-orders", "channel": "web"},
    {"alive": "unlikely"},
    {"alive": "unlikely", "sort": "first_purchase"},
    {"sort": "name", "orders_from": 3},
    {"sort": "-name", "orders_from": 3, "orders_to": 10**30},
    {"sort": "-customer_id", "q": "c"},
    {"sort": "cohort", "cohort": "2025-03"},
    {"last_from": date(2025, 2, 3), "history_to": 50.0},
    {"q": "さとう 1"},
    {"q": "ｻﾄ", "kind": "person"},
    {"q": "佐", "sort": "p_alive"},
    {"q": "'%_\\"},
    {"q": "ā"},
    {"segment": "none of ours"},
    {"value_rank": "top-10"},
]


@pytest.fixture(autouse=True)
def many(db: None, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Customers with names, of some of whom nothing else is known; all on the shelf."""
    settings.KIZUNA_HOME = tmp_path
    monkeypatch.setattr(queries, "A_PAGE", 7)
    CustomerFact.objects.bulk_create(_fact(n) for n in range(1, 121))
    shelve()


def _fact(n: int, **said: Any) -> CustomerFact:
    known: dict[str, Any] = {
        "residual_clv": float(n % 50),
        "p_alive": 1 - n / 120,
        "orders": n % 9,
        "historical_value": n % 70 * 100,
        "first_purchase": date(2025, n % 5 + 1, 1),
        "last_purchase": date(2025, n % 5 + 2, 3),
        "channel": "web" if n % 3 else "shop",
        "kind": "person",
    }
    text = ("サトウ 佐藤", "スズキ 鈴木", "Āsa ' % _ \\".lower())[n % 3]
    row = {
        "customer_id": f"C{n:03d}",
        "folded": f"c{n:03d} {text}",
        "fingerprint": n,
        "name_key": None if n % 7 == 0 else f"{n % 13}",
    }
    return CustomerFact(**(row | (known if n % 10 else {}) | said))


def _pages(asked: dict[str, Any]) -> list[str]:
    paged: list[str] = []
    for number in range(1, 30):
        page = queries.page(asked, number)
        paged += [row.pk for row in page.rows]
        if not page.has_next:
            assert page.matches == len(paged)
            return paged
    raise AssertionError("endless")


@pytest.mark.parametrize("asked", ASKED)
def test_pages_from_the_shelf_hold_what_the_database_finds_in_its_order(
    asked: dict[str, Any],
) -> None:
    assert queries._scanned(asked, "-residual_clv", 0) is not None
    assert _pages(asked) == [row.pk for row in queries.customers(asked)]


def test_a_page_beyond_the_last_still_says_how_many_there_are() -> None:
    page = queries.page({"channel": "shop"}, 150)
    assert (page.rows, page.matches) == ([], CustomerFact.objects.filter(channel="shop").count())


def test_who_turned_up_since_is_found_too() -> None:
    _fact(500, fingerprint=0, folded="c500 タナカ").save()
    assert _pages({"q": "たなか"}) == ["C500"]


def test_of_too_many_who_turned_up_the_database_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "NEWCOMERS", 1)
    for n in (500, 501):
        _fact(n, fingerprint=0, folded=f"c{n} タナカ").save()
    assert queries._scanned({"q": "タナカ"}, "name", 0) is None
    assert _pages({"q": "たなか", "sort": "customer_id"}) == ["C500", "C501"]


def test_without_the_file_the_database_answers() -> None:
    expected = _pages({"alive": "unlikely"})
    for path in shelf.folder().iterdir():
        path.unlink()
    assert queries._scanned({"alive": "unlikely"}, "name", 0) is None
    assert _pages({"alive": "unlikely"}) == expected


def test_a_file_of_another_database_is_not_read() -> None:
    Shelf.objects.update(stamp=1)
    assert queries._scanned({"alive": "unlikely"}, "name", 0) is None


def test_a_mirror_that_broke_off_leaves_the_file_that_is_read_and_the_next_clears_up() -> None:
    (shelf.folder() / "customers-7.arrow").write_bytes(b"half")
    assert queries._scanned({"alive": "unlikely"}, "name", 0) is not None
    shelve()
    assert [path.name for path in shelf.folder().iterdir()] == [
        f"customers-{Shelf.objects.get().stamp}.arrow"
    ]


def test_who_reads_while_the_file_is_exchanged_reads_it_to_its_end() -> None:
    with shelf.mapped() as table:
        assert table is not None
        before = table["customer_id"].to_pylist()
        CustomerFact.objects.filter(pk__gt="C010").delete()
        shelve()
        assert table["customer_id"].to_pylist() == before
    assert len(_pages({"q": "c"})) == 10


def test_names_are_folded_again_only_where_they_changed() -> None:
    assert shelve() == 0
    CustomerFact.objects.filter(pk="C005").update(name="新しい名前", folded="c005 新シイ名前")
    assert shelve() == 1
    assert _pages({"q": "新しい"}) == ["C005"]


LETTERS = st.text(st.sampled_from([*map(chr, SPREAD), *"ab 佐藤"]), max_size=6)


@given(LETTERS, LETTERS)
def test_what_holds_a_word_still_holds_it_and_nothing_else_does(text: str, word: str) -> None:
    assert (word in text) == (spread(word) in spread(text))
    assert spread(spread(text)) == text


def test_letters_that_are_not_exchanged_but_overwritten_would_be_taken_for_others() -> None:
    one_way = {kana: rare for kana, rare in SPREAD.items() if kana > rare}
    rare = chr(SPREAD[ord("サ")])
    assert "サ".translate(one_way) in rare.translate(one_way)
    assert spread("サ") not in spread(rare)


def test_each_organisation_reads_its_own_folder(tmp_path: Path) -> None:
    with override_settings(KIZUNA_HOME=tmp_path / "elsewhere"):
        assert queries._scanned({"alive": "unlikely"}, "name", 0) is None
