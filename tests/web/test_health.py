"""Health: whether the application lives, and whether it is ready."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from kizuna.web.jobs.models import Worker


def test_a_living_application_says_so_without_its_database(client: Client) -> None:
    assert client.get("/health/live").json() == {"status": "live"}


@pytest.mark.django_db
def test_an_application_in_order_is_ready(client: Client) -> None:
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    assert {answer.json()["checks"][name] for name in ("database", "data_folder")} == {"ok"}


@pytest.mark.django_db
def test_a_database_of_an_older_shape_is_not_ready(client: Client) -> None:
    last = MigrationRecorder(connection).migration_qs.filter(app="accounts").latest("id")
    last.delete()
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"]["migrations"] == "failed"


@pytest.mark.django_db
def test_a_data_folder_that_is_gone_is_not_ready(
    client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.KIZUNA_HOME = tmp_path / "gone"
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"]["data_folder"] == "failed"


def test_a_database_that_does_not_answer_is_not_ready(client: Client) -> None:
    # without the mark of the database every query is refused
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == "failed"


def worker(*, silent: int, stopped: bool = False) -> Worker:
    """A worker that last gave a sign of life so many seconds ago."""
    seen_at = timezone.now() - timedelta(seconds=silent)
    return Worker.objects.create(
        name="w", started_at=seen_at, heartbeat_at=seen_at, stopped_at=seen_at if stopped else None
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("silent", "stopped", "word"),
    [(5, False, "ok"), (90, False, "not seen"), (5, True, "not seen")],
)
def test_a_worker_is_seen_while_it_gives_signs_of_life(
    client: Client, silent: int, stopped: bool, word: str
) -> None:
    worker(silent=silent, stopped=stopped)
    assert client.get("/health/ready").json()["checks"]["worker"] == word


@pytest.mark.django_db
def test_pages_are_ready_without_a_worker(client: Client) -> None:
    answer = client.get("/health/ready")
    assert answer.json()["checks"]["worker"] == "not seen"
    assert answer.status_code == 200


@pytest.mark.parametrize("page", ["/health/live", "/health/ready"])
def test_health_is_read_and_never_kept_by_a_cache(client: Client, page: str) -> None:
    assert client.post(page).status_code == 405


def test_health_is_not_cached(client: Client) -> None:
    assert "no-store" in client.get("/health/live").headers["Cache-Control"]
