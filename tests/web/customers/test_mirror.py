"""The mirror follows what is published, row by row or written whole beside."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.db import IntegrityError, connection, transaction

from kizuna.web.know.customers import mirroring, paging
from kizuna.web.know.customers.beside import Beside
from kizuna.web.know.customers.mirroring import FACTS, mirror
from kizuna.web.know.customers.models import CustomerFact
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
        assert {name: getattr(kept, name) for name in FACTS} == {name: row[name] for name in FACTS}


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


def _indexes() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql <> ''")
        else:
            cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'")
        return sorted(cursor.fetchall())


def _tables() -> list[str]:
    return sorted(connection.introspection.table_names())


@pytest.fixture
def much(published: Publication, monkeypatch: pytest.MonkeyPatch) -> Publication:
    """So many changes that all is written beside."""
    monkeypatch.setattr(mirroring, "MANY", 1)
    CustomerFact.objects.filter(orders__gt=1).update(fingerprint=1, orders=999)
    CustomerFact.objects.filter(orders=1).delete()
    return published


def test_a_mirror_written_beside_is_the_published_table(much: Publication) -> None:
    written, removed = mirror(much)
    assert (written, removed) == (VALUED, 0)
    test_the_mirror_is_the_published_table(much)
    assert mirror(much) == (0, 0)


def test_a_mirror_written_beside_has_the_indexes_and_names_that_it_had(much: Publication) -> None:
    before = _indexes(), _tables()
    mirror(much)
    assert (_indexes(), _tables()) == before
    hinted = paging.ids_of(CustomerFact.objects.order_by("-residual_clv"), 3, "customer_by_value")
    assert len(hinted) == 3


def test_a_database_is_sound_after_a_mirror_was_written_beside(much: Publication) -> None:
    mirror(much)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            assert cursor.fetchall() == [("ok",)]
    fact = CustomerFact.objects.order_by("-orders")[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        fact.save(force_insert=True)


def test_a_mirror_that_broke_off_beside_leaves_the_former_and_is_completed(
    much: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*given: Any) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Beside, "_complete", full)
        patched.setattr(Beside, "_clear", _only_before(Beside._clear))
        with pytest.raises(OSError, match="space"):
            mirror(much)
    assert set(CustomerFact.objects.values_list("orders", flat=True)) == {999}
    mirror(much)
    assert CustomerFact.objects.exclude(orders=999).count() == VALUED
    assert not [name for name in _tables() if name.endswith(("_beside", "_former"))]


def _only_before(clear: Callable[[Beside], None]) -> Callable[[Beside], None]:
    """Clear once and not again, as when the process is killed."""
    calls: list[int] = []

    def once(beside: Beside) -> None:
        calls.append(1)
        if len(calls) == 1:
            clear(beside)

    return once
