"""Files that other parts of the application bring in: from a database, on a schedule."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from kizuna.pipeline.errors import InputError
from kizuna.pipeline.store import Store
from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.capture.imports import services
from kizuna.web.capture.imports.models import Import
from kizuna.web.jobs.testing import run_all

pytestmark = pytest.mark.django_db

COLUMNS = {"customer": "who", "date": "day", "amount": "sum", "order": "no"}


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the test's own; a finished import starts no run of the pipeline."""
    settings.KIZUNA_HOME = tmp_path
    monkeypatch.setattr("kizuna.web.jobs.services._listeners", {"transactions_changed": []})
    return tmp_path


@pytest.fixture
def chunk(tmp_path: Path) -> Path:
    """What a database gave, in a file."""
    path = tmp_path / "chunk.csv"
    path.write_text("no,who,day,sum\n1,A,2026-01-01,10\n2,B,2026-01-02,20\n", "utf-8")
    return path


def brought(path: Path, actor: Person | None, **said: Any) -> Import:
    made = services.bring(actor=actor, path=path, name="shop", table="orders", **said)
    run_all()
    return Import.objects.get(pk=made.pk)


def test_a_file_with_a_mapping_is_checked_at_once(chunk: Path, ben: Person, home: Path) -> None:
    entry = brought(chunk, ben, mapping={"columns": COLUMNS}, source="Shop database")
    assert (entry.status, entry.found["new"], entry.source) == ("checked", 2, "Shop database")
    assert Store(home / "store").names() == ()
    assert not chunk.exists(), "it was moved"


def test_a_file_may_be_loaded_without_asking(chunk: Path, home: Path) -> None:
    entry = brought(chunk, None, mapping={"columns": COLUMNS}, at_once=True)
    assert entry.status == "done"
    assert len(Store(home / "store").read("transactions")) == 2
    verbs = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    said = ["capture.import.brought", "capture.import.started", "capture.import.done"]
    assert [verb for verb in verbs if verb.startswith("capture")] == said


def test_without_a_mapping_a_person_is_asked_for_the_columns(chunk: Path, ben: Person) -> None:
    entry = brought(chunk, ben, at_once=True)
    assert (entry.status, entry.preview["columns"]) == ("uploaded", ["no", "who", "day", "sum"])


def test_a_file_that_cannot_be_used_is_not_loaded_and_says_why(chunk: Path, home: Path) -> None:
    wrong = {"columns": COLUMNS | {"date": "who"}}
    entry = brought(chunk, None, mapping=wrong, at_once=True)
    assert entry.status == "failed"
    assert "no row can be used" in entry.error
    assert Store(home / "store").names() == ()


def test_a_file_that_is_no_table_leaves_nothing(chunk: Path, ben: Person, home: Path) -> None:
    chunk.write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(InputError, match="picture"):
        brought(chunk, ben)
    assert not list((home / "uploads" / "imports").iterdir())


def test_who_may_only_look_brings_nothing(chunk: Path, chiyo: Person) -> None:
    with pytest.raises(PermissionDenied):
        brought(chunk, chiyo)
    assert chunk.exists()
