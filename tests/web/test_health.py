"""Health: whether the application lives, and whether it is ready."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client


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


@pytest.mark.parametrize("page", ["/health/live", "/health/ready"])
def test_health_is_read_and_never_kept_by_a_cache(client: Client, page: str) -> None:
    assert client.post(page).status_code == 405


def test_health_is_not_cached(client: Client) -> None:
    assert "no-store" in client.get("/health/live").headers["Cache-Control"]
