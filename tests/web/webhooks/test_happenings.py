"""What a publication tells: that it is there, and whose value it moved."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.utils import timezone

from kizuna.web.accounts.models import Person
from kizuna.web.act.webhooks import happenings, services
from kizuna.web.act.webhooks.models import Message
from kizuna.web.know.publications.models import Publication, Status
from kizuna.web.know.publications.queries import Published

pytestmark = pytest.mark.django_db


def published(as_of: date, days_ago: int = 0) -> Publication:
    at = timezone.now() - timedelta(days=days_ago)
    return Publication.objects.create(
        status=Status.PUBLISHED, as_of=as_of, published_at=at, started_at=at, finished_at=at
    )


@pytest.fixture
def worth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Say what customers are worth in a publication."""
    files: dict[int, tuple[str, ...]] = {}
    monkeypatch.setattr(Published, "files", lambda self, _name: files[self.publication.pk])

    def said(publication: Publication, values: dict[str, float | None]) -> None:
        path = tmp_path / f"{publication.pk}.parquet"
        columns = {"customer_id": list(values), "residual_clv": list(values.values())}
        types = pa.schema([("customer_id", pa.string()), ("residual_clv", pa.float64())])
        pq.write_table(pa.table(columns, schema=types), path)
        files[publication.pk] = (str(path),)

    return said


@pytest.fixture
def listening(aiko: Person) -> None:
    topics = ["publication.published", "customer.value_changed"]
    said = {"name": "CRM", "url": "https://93.184.216.34/", "topics": topics}
    services.add(actor=aiko, said=said)


def told(topic: str) -> list[dict[str, Any]]:
    found = Message.objects.filter(topic=topic).order_by("key")
    return [json.loads(message.body)["data"] for message in found]


def test_customers_whose_value_moved_by_a_tenth_are_told(listening: None, worth: Any) -> None:
    first, second = published(date(2026, 3, 30), 1), published(date(2026, 3, 31))
    worth(first, {"A": 100, "B": 100, "C": 0, "D": 50, "E": None, "F": 1000})
    worth(second, {"A": 109, "B": 110, "C": 20, "E": 5, "F": 500, "G": 7})
    happenings.published(second)
    (said,) = told("customer.value_changed")
    moved = {c["customer_id"]: (c["before"], c["after"]) for c in said["customers"]}
    assert moved == {"F": (1000, 500), "C": (0, 20), "B": (100, 110)}
    assert told("publication.published") == [{"publication": second.pk, "as_of": "2026-03-31"}]


def test_a_publication_told_again_sends_nothing_new(listening: None, worth: Any) -> None:
    first, second = published(date(2026, 3, 30), 1), published(date(2026, 3, 31))
    worth(first, {f"C{n}": 10 for n in range(2500)})
    worth(second, {f"C{n}": 20 + n for n in range(2500)})
    for _time in range(2):
        happenings.published(second)
    assert [len(said["customers"]) for said in told("customer.value_changed")] == [100] * 10
    largest = max(len(message.body.encode()) for message in Message.objects.all())
    assert largest < 20_000


def test_without_a_former_state_nobody_has_moved(listening: None, worth: Any) -> None:
    only = published(date(2026, 3, 31))
    worth(only, {"A": 1})
    happenings.published(only)
    assert told("customer.value_changed") == []


def test_where_nobody_listens_nothing_is_compared(aiko: Person) -> None:
    published(date(2026, 3, 30), 1)
    happenings.published(published(date(2026, 3, 31)))
    assert not Message.objects.exists()
