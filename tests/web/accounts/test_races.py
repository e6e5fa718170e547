"""Several processes at once on one real database: one wins, and the record stays whole."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from web_installations import environment, install
from web_postgres import installed_database, postgres

pytestmark = pytest.mark.slow

AT_ONCE = 4
SET_UP = """
import os, sys
from kizuna.web.loading import load; load()
from kizuna.web.accounts.services.set_up import SetUpIsClosedError, set_up
print("ready", flush=True); sys.stdin.readline()
try:
    set_up(email=f"p{os.getpid()}@example.com", name="P", password="x")
    print("made")
except SetUpIsClosedError:
    print("closed")
"""
RECORD = """
import os, sys
from kizuna.web.loading import load; load()
from kizuna.web.accounts.services import audit
print("ready", flush=True); sys.stdin.readline()
for i in range(25):
    audit(actor=None, action="test.done", target=str(i))
print("done")
"""
LEAVE = """
import os, sys
from kizuna.web.loading import load; load()
from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services.people import LastOwnerError, change_role
me = Person.objects.order_by("pk")[int(sys.argv[1])]
print("ready", flush=True); sys.stdin.readline()
try:
    change_role(actor=me, person_id=me.pk, role=Role.MEMBER)
    print("left")
except LastOwnerError:
    print("stayed")
"""
OWNERS = """
from kizuna.web.loading import load; load()
from kizuna.web.accounts.models import Person, Role
for i in range(4):
    Person.objects.create(email=f"p{i}@example.com", name="P", role=Role.OWNER, password="x")
"""
VERIFY = """
from kizuna.web.loading import load; load()
from kizuna.web.accounts import trail
print(trail.verify())
"""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def env(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """Give the environment of an installation that is ready, with nobody in it."""
    if request.param == "sqlite":
        return environment(install(tmp_path))
    server: str = request.getfixturevalue("server")
    url = installed_database(server, f"races_{abs(hash(request.node.name))}")
    return environment(tmp_path, DATABASE_URL=url)


def start(*command: str, env: dict[str, str]) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    everything = [sys.executable, *command]
    return subprocess.Popen(everything, env=env, text=True, stdin=pipe, stdout=pipe, stderr=pipe)


def run(program: str, env: dict[str, str]) -> str:
    process = start("-c", program, env=env)
    printed, complaint = process.communicate(timeout=120)
    assert process.returncode == 0, complaint
    return printed


def at_once(program: str, env: dict[str, str]) -> list[str]:
    """Run a program in several processes, let go at one moment; give what each prints."""
    running = [start("-c", program, str(i), env=env) for i in range(AT_ONCE)]
    for process in running:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    outputs = [process.communicate(timeout=120) for process in running]
    return sorted(printed.strip() or complaint for printed, complaint in outputs)


def test_of_several_first_ones_one_becomes_the_owner(env: dict[str, str]) -> None:
    assert at_once(SET_UP, env) == ["closed"] * 3 + ["made"]


def test_what_is_recorded_at_once_makes_one_chain(env: dict[str, str]) -> None:
    assert at_once(RECORD, env) == ["done"] * AT_ONCE
    assert run(VERIFY, env).strip() == "Verdict(entries=100, broken_at=None)"


def test_of_several_owners_who_leave_at_once_one_stays(env: dict[str, str]) -> None:
    run(OWNERS, env)
    assert at_once(LEAVE, env) == ["left"] * 3 + ["stayed"]
