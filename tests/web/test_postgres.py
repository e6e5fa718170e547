"""The application on a real PostgreSQL: the same migrations, the same tests, the same start."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from project import ROOT
from web_installations import environment, start
from web_postgres import INSTALLED, new_database, postgres

pytestmark = pytest.mark.slow

PATIENCE = 900
FEWEST = 100  # of some hundreds; fewer would mean that they are no longer found
PARTS = 2
APPS = [
    ROOT / "tests" / "web" / app
    for app in (
        *("accounts/test_trail.py", "act_messages/test_sending.py", "alerts", "consents"),
        *("customers", "gate", "identities", "inbox", "interface", "jobs", "lists", "playbooks"),
        *("accounts/test_keys.py", "privacy", "profiles", "segments", "webhooks"),
    )
]
"""Those that speak to the database in words of their own, lock rows, or write in many at once."""
KEYS_AND_ROLES = ROOT / "tests" / "web" / "interface" / "test_gate.py"
"""Hundreds of tests of every door that no database knows of."""
PREPARE = "from kizuna.web.serve import prepare; prepare()"
READY = """
from kizuna.web.serve import prepare; prepare()
from django.db import connection
from kizuna.web import health
assert connection.vendor == "postgresql"
assert health.database_answers() and health.migrations_are_applied()
"""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a running server."""
    with postgres() as url:
        yield url


@pytest.mark.parametrize("part", range(PARTS))
def test_the_tests_of_the_application_pass_on_postgresql_too(server: str, part: int) -> None:
    """In parts, so that several run side by side; what asks no database twice is left out."""
    folders = [str(folder) for folder in APPS[part::PARTS]]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *folders]
    left_out = "not sqlite and not test_rules and not test_schema"
    chosen = ["-p", "only_database", "-m", "not slow and not browser", "-k", left_out]
    chosen += ["--ignore", str(KEYS_AND_ROLES)]
    settings = {"DATABASE_URL": server, "KIZUNA_TEST_DATABASE_URL": "1"}
    settings |= {"KIZUNA_TEST_TEMPLATE": INSTALLED}
    run = subprocess.run(
        command + chosen,
        cwd=ROOT,
        env=os.environ | settings | {"PYTHONPATH": str(ROOT / "tests")},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    passed = re.search(r"(\d+) passed", run.stdout)
    assert passed, run.stdout[-8_000:] + run.stderr[-2_000:]
    assert int(passed[1]) > FEWEST / PARTS
    assert run.returncode == 0, run.stdout[-8_000:] + run.stderr[-2_000:]


def test_an_empty_database_is_migrated_and_ready(server: str, tmp_path: Path) -> None:
    env = environment(tmp_path, DATABASE_URL=new_database(server, "empty"))
    process = start("-c", READY, env=env)
    assert process.communicate(timeout=PATIENCE) == ("", "")
    assert process.returncode == 0


def test_two_machines_that_start_at_once_migrate_one_after_the_other(
    server: str, tmp_path: Path
) -> None:
    url = new_database(server, "shared")
    homes = [tmp_path / "one", tmp_path / "two", tmp_path / "three"]
    starts = [start("-c", PREPARE, env=environment(home, DATABASE_URL=url)) for home in homes]
    ends = [process.communicate(timeout=PATIENCE) for process in starts]
    assert [process.returncode for process in starts] == [0] * 3, ends
