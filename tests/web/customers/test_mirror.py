"""The mirror follows what is published, row by row."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.customers.services import mirror
from kizuna.web.know.publications import services
from kizuna.web.know.publications.models import Publication
from kizuna.web.know.publications.queries import Published, store
from published_shop import VALUED, refreshed_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(settings: Any, db: None) -> Publication:
    """Publish the shop."""
    settings.KIZUNA_HOME, found = refreshed_shop()
    return services.record(publication=Publication.objects.create(), found=found)


def test_the_mirror_is_the_published_table(published: Publication) -> None:
    facts = Published(published).table("customer_facts")
    assert CustomerFact.objects.count() == VALUED
    for row in facts.to_pylist():
        kept = CustomerFact.objects.get(pk=row["customer_id"])
        assert {name: getattr(kept, name) for name in row} == row


def test_a_second_time_nothing_is_written(published: Publication) -> None:
    assert mirror(published) == (0, 0)


def test_only_what_differs_is_written_and_who_is_gone_goes(published: Publication) -> None:
    first = CustomerFact.objects.order_by("pk")[0]
    CustomerFact.objects.filter(pk=first.pk).update(fingerprint=1, orders=999)
    stranger = CustomerFact.objects.get(pk=first.pk)
    stranger.pk, stranger.folded = "gone", "gone"
    stranger.save(force_insert=True)
    assert mirror(published) == (1, 1)
    assert CustomerFact.objects.get(pk=first.pk).orders == first.orders
    assert not CustomerFact.objects.filter(pk="gone").exists()


def test_a_mirror_that_broke_off_is_completed(published: Publication) -> None:
    CustomerFact.objects.filter(orders__gt=2).delete()
    mirror(published)
    assert CustomerFact.objects.count() == VALUED


def test_who_is_known_by_name_only_is_mirrored_and_found(
    published: Publication, settings: Any, tmp_path: Path
) -> None:
    facts = Published(published).table("customer_facts")
    empty = dict.fromkeys(facts.column_names)
    stranger = empty | {"customer_id": "new", "name": "山田 花子", "name_kana": "ヤマダ ハナコ"}
    rows = pa.Table.from_pylist([*facts.to_pylist(), stranger], schema=facts.schema)
    settings.KIZUNA_HOME = shutil.copytree(settings.KIZUNA_HOME, tmp_path / "home")
    version = store().write("customer_facts", rows)
    published.versions |= {"customer_facts": version}
    assert mirror(published) == (1, 0)
    kept = CustomerFact.objects.get(pk="new")
    assert (kept.name, kept.orders, kept.last_purchase) == ("山田 花子", None, None)
    assert "ヤマダ" in kept.folded
