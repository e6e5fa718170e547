"""A page of many is the same, whether its order is walked or its filters are looked through."""

from __future__ import annotations

from typing import Any

import pytest

from kizuna.web.know.customers import paging, queries
from kizuna.web.know.customers.models import CustomerFact

pytestmark = pytest.mark.django_db
ASKED: list[dict[str, Any]] = [
    {},
    {"sort": "p_alive"},
    {"sort": "-orders", "channel": "web"},
    {"alive": "unlikely"},
    {"sort": "name", "orders_from": 3},
    {"sort": "-customer_id", "q": "c"},
]


@pytest.fixture(autouse=True)
def many(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Customers of whom the dear ones are unlikely to come back, some unknown; small bounds."""
    monkeypatch.setattr(paging, "COUNTED", 5)
    monkeypatch.setattr(paging, "FURTHEST", 20)
    monkeypatch.setattr(queries, "A_PAGE", 7)
    CustomerFact.objects.bulk_create(_fact(n) for n in range(120))


def _fact(n: int) -> CustomerFact:
    known = {"residual_clv": float(n), "p_alive": 1 - n / 120, "orders": n % 9} if n % 10 else {}
    channel, key = "web" if n % 3 else "shop", None if n % 7 == 0 else f"{n % 13}"
    return CustomerFact(
        customer_id=f"C{n:03d}",
        folded=f"c{n}",
        fingerprint=0,
        channel=channel,
        name_key=key,
        **known,
    )


@pytest.mark.parametrize("asked", ASKED)
def test_pages_hold_the_same_rows_in_the_same_order_as_the_whole(asked: dict[str, Any]) -> None:
    whole = [row.pk for row in queries.customers(asked)]
    paged: list[str] = []
    for number in range(1, 30):
        page = queries.page(asked, number)
        paged += [row.pk for row in page.rows]
        if not page.has_next:
            break
    assert paged == whole


def test_who_is_not_known_comes_last_in_either_direction() -> None:
    for sort in ("residual_clv", "-residual_clv"):
        values = [row.residual_clv for row in queries.customers({"sort": sort})]
        assert values[-12:] == [None] * 12
