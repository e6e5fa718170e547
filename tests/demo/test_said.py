"""What customers of the demo said to being written to; the truth is what the rule makes of it."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kizuna.demo import DemoCompany, simulate_company

AS_OF = date(2026, 3, 31)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> DemoCompany:
    return simulate_company(tmp_path_factory.mktemp("demo"), as_of=AS_OF, customers=600)


@pytest.fixture(scope="module")
def words(company: DemoCompany) -> list[dict[str, Any]]:
    return [json.loads(line) for line in company.consents.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def truth(company: DemoCompany) -> dict[str, Any]:
    return dict(json.loads(company.truth.read_text("utf-8"))["consents"])


def test_all_is_said_after_the_first_order_and_before_the_last_day(
    words: list[dict[str, Any]],
) -> None:
    moments = [datetime.fromisoformat(word["decided_at"]) for word in words]
    assert moments == sorted(moments)
    assert moments[-1].date() <= AS_OF


def test_who_may_get_news_is_who_the_rule_of_the_product_lets_have_them(
    words: list[dict[str, Any]], truth: dict[str, Any]
) -> None:
    from kizuna.web.capture.consents.deciding import Question, decide
    from kizuna.web.capture.consents.models import Consent, Kind

    said: dict[str, list[Any]] = defaultdict(list)
    news: Any = SimpleNamespace(pk=1, kind=Kind.PROMOTIONAL)
    for number, word in enumerate(words):
        said[word["customer_id"]].append(
            Consent(
                pk=number,
                purpose_id=1 if word.get("purpose") else None,
                channel=word.get("channel", ""),
                status=word["status"],
                basis=word.get("basis", "consent"),
                decided_at=datetime.fromisoformat(word["decided_at"]),
            )
        )
    asked = Question(news, "email", None, datetime(2026, 4, 1, tzinfo=UTC))
    assert sorted(who for who, own in said.items() if decide(asked, own).allowed) == sorted(
        truth["may_get_news"]
    )
    assert len(said) > len(truth["may_get_news"]) > 100


def test_counts_are_those_of_the_words(words: list[dict[str, Any]], truth: dict[str, Any]) -> None:
    assert truth["words"] == len(words) == sum(truth["by_status"].values())
    assert {"consent", "card"} == set(truth["by_basis"])


def test_consents_are_drawn_apart_from_all_else(company: DemoCompany, tmp_path: Path) -> None:
    again = simulate_company(tmp_path, as_of=AS_OF, customers=600)
    assert again.consents.read_bytes() == company.consents.read_bytes()
    assert again.orders.read_bytes() == company.orders.read_bytes()
