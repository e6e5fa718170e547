"""After an upgrade: tables that lack what came later are left out, and made anew by themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kizuna.web.know.publications import queries, services, upgrades
from kizuna.web.know.publications.models import Publication, Status
from published_shop import refreshed_shop

pytestmark = pytest.mark.django_db

TABLE, LATER = "rfm_segments", "segment"


@pytest.fixture
def before(settings: Any, db: None) -> Publication:
    """Publish the shop as a former version would have: a table lacks a column."""
    settings.KIZUNA_HOME, found = refreshed_shop()
    made = services.record(publication=Publication.objects.create(), found=found)
    tables = services.store()
    former = tables.read(TABLE, made.versions[TABLE]).drop_columns([LATER])
    Publication.objects.update(versions=made.versions | {TABLE: tables.write(TABLE, former)})
    return made


def test_what_is_as_it_should_be_is_left_alone(before: Publication) -> None:
    Publication.objects.update(versions=before.versions)
    assert upgrades.renew() == []
    assert not Publication.objects.filter(status=Status.ASKED).exists()


def test_a_table_of_a_former_version_is_left_out_and_made_anew(before: Publication) -> None:
    state = queries.published()
    assert state is not None
    assert not state.has(TABLE)
    assert state.has("customer_facts")
    assert upgrades.renew() == [TABLE]
    assert upgrades.renew() == [TABLE]
    assert Publication.objects.filter(status=Status.ASKED).count() == 1


def test_a_worker_starts_though_a_table_cannot_be_read(before: Publication) -> None:
    tables = services.store()
    for name in tables.files(TABLE, Publication.objects.get().versions[TABLE]):
        Path(name).unlink()
    with pytest.raises(OSError, match=TABLE):
        upgrades.renew()
    upgrades.renew_at_start()


def test_where_nothing_is_published_nothing_is_asked(db: None) -> None:
    assert upgrades.renew() == []
