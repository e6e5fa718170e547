"""Several processes at once on one real database: one wins, and the record stays whole."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from web_installations import environment, install
from web_postgres import installed_database, postgres

pytestmark = pytest.mark.slow

AT_ONCE = 4
ACTS = ("set up", "record", "verify", "leave")
"""What each process does, one thing after the other, all of them let go at one moment."""
PROGRAM = """
import os, sys
from kizuna.web.loading import load; load()
from kizuna.web.accounts import trail
from kizuna.web.accounts.models import AuditEntry, Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.accounts.services.people import LastOwnerError, change_role
from kizuna.web.accounts.services.set_up import SetUpIsClosedError, set_up
email = f"p{os.getpid()}@example.com"

def said(what):
    print(what, flush=True)
    sys.stdin.readline()

said("ready")
try:
    set_up(email=email, name="P", password="x")
    said("made")
except SetUpIsClosedError:
    said("closed")
for i in range(25):
    audit(actor=None, action="test.done", target=str(i))
said("done")
others = AuditEntry.objects.exclude(action="test.done").count()
verdict = trail.verify()
made = {"name": "P", "role": Role.OWNER, "password": "x"}
me, _made = Person.objects.get_or_create(email=email, defaults=made)
said(f"{verdict.entries - others} {verdict.broken_at}")
try:
    change_role(actor=me, person_id=me.pk, role=Role.MEMBER)
    said("left")
except LastOwnerError:
    said("stayed")
"""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def told(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[str]]:
    """What came of each act, in an installation with nobody in it."""
    home = tmp_path_factory.mktemp("home")
    if request.param == "sqlite":
        return at_once(environment(install(home)))
    server: str = request.getfixturevalue("server")
    return at_once(environment(home, DATABASE_URL=installed_database(server, "races")))


def at_once(env: dict[str, str]) -> dict[str, list[str]]:
    """Have several processes do each act, let go at one moment; give what each says of it."""
    running = [start(env) for _ in range(AT_ONCE)]
    assert heard(running) == ["ready"] * AT_ONCE
    acts = {act: heard(running, "go\n") for act in ACTS}
    for process in running:
        assert process.communicate("go\n", timeout=120) == ("", "")
    return acts


def start(env: dict[str, str]) -> subprocess.Popen[str]:
    pipe, command = subprocess.PIPE, [sys.executable, "-c", PROGRAM]
    return subprocess.Popen(command, env=env, text=True, stdin=pipe, stdout=pipe, stderr=pipe)


def heard(running: list[subprocess.Popen[str]], word: str = "") -> list[str]:
    """Give all of them a word, and what they answer."""
    for process in running:
        assert process.stdin
        process.stdin.write(word)
        process.stdin.flush()
    return sorted(answer(process) for process in running)


def answer(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    assert process.stderr
    return process.stdout.readline().strip() or process.stderr.read()


def test_of_several_first_ones_one_becomes_the_owner(told: dict[str, list[str]]) -> None:
    assert told["set up"] == ["closed"] * 3 + ["made"]


def test_what_is_recorded_at_once_makes_one_chain(told: dict[str, list[str]]) -> None:
    assert told["record"] == ["done"] * AT_ONCE
    assert told["verify"] == [f"{25 * AT_ONCE} None"] * AT_ONCE


def test_of_several_owners_who_leave_at_once_one_stays(told: dict[str, list[str]]) -> None:
    assert told["leave"] == ["left"] * 3 + ["stayed"]
