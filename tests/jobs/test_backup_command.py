"""`kizuna backup` and `kizuna restore` from the command line, on a real application."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from kizuna.cli import app
from kizuna.jobs.restore import restore
from kizuna.jobs.tombstones import Tombstones
from kizuna.pipeline.errors import InputError
from kizuna.pipeline.store import Store
from tests.jobs.test_backup import NOW, installation, take
from tests.web_installations import environment, install
from tests.web_postgres import _program, installed_database, postgres

PREPARE = "from kizuna.web import serve; serve.prepare()"


def kizuna(home: Path, *words: object, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command on a data folder."""
    command = [sys.executable, "-m", "kizuna", *map(str, words)]
    said = environment(home, **more)
    return subprocess.run(command, env=said, capture_output=True, text=True, timeout=120)


def prepared(home: Path, **more: str) -> None:
    """Make an installation with a table."""
    if more:
        command = [sys.executable, "-c", PREPARE]
        subprocess.run(command, env=environment(home, **more), check=True, timeout=120)
    else:
        install(home)
    Store(home / "store").write("customers", pa.table({"customer_id": ["a"]}))


def test_an_installation_goes_and_comes_back_and_both_times_are_said(tmp_path: Path) -> None:
    prepared(tmp_path / "home")
    made = kizuna(tmp_path / "home", "backup", "--to", tmp_path / "b")
    archive = next((tmp_path / "b").glob("*.tar"))
    assert f"{archive}:" in made.stdout
    assert "whole" in kizuna(tmp_path / "home", "restore", archive, "--check").stdout
    shutil.rmtree(tmp_path / "home")
    back = kizuna(tmp_path / "home", "restore", archive)
    assert (back.returncode, back.stderr) == (0, "")
    assert "(RTO)" in back.stdout
    assert "(RPO)" in back.stdout
    assert Store(tmp_path / "home" / "store").read("customers").num_rows == 1


def test_whoever_was_erased_since_stays_erased_after_an_older_backup_came_back(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    prepared(home)
    Store(home / "store").append("customers", pa.table({"customer_id": ["c-hana-77"]}))
    kizuna(home, "backup", "--to", tmp_path / "b")
    Tombstones(home).add(["c-hana-77"], NOW)
    back = kizuna(home, "restore", next((tmp_path / "b").glob("*.tar")))
    assert "Erased again 1" in back.stdout, back.stderr
    assert Store(home / "store").read("customers")["customer_id"].to_pylist() == ["a"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("backup", "--to", "{home}/inside"), "goes down with it"),
        (("restore", "nowhere.tar"), "there is no such archive"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    home, _folder = installation(tmp_path)
    asked = [*(word.format(home=home) for word in words), "--home", str(home)]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 2
    assert said in done.stderr


def test_postgresql_goes_and_comes_back_with_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{programs()}:/usr/bin:/bin")
    with postgres() as server:
        (tmp_path / "home").mkdir()
        url = installed_database(server, "kept")
        put(url, "INSERT INTO accounts_installation (id, set_up_at) VALUES (1, now())")
        made = kizuna(tmp_path / "home", "backup", "--to", tmp_path / "b", DATABASE_URL=url)
        assert made.returncode == 0, made.stderr
        put(url, "DELETE FROM accounts_installation")
        archive = next((tmp_path / "b").glob("*.tar"))
        back = kizuna(tmp_path / "home", "restore", archive, DATABASE_URL=url)
        assert back.returncode == 0, back.stderr
        assert put(url, "SELECT id FROM accounts_installation") == [(1,)]


def test_a_backup_of_the_other_kind_of_database_is_refused(tmp_path: Path) -> None:
    home, folder = installation(tmp_path)
    archive = take(home, folder).path
    with pytest.raises(InputError, match="the backup is of sqlite"):
        restore(archive, home, database_url="postgresql://nobody@localhost/none")


def put(url: str, statement: str) -> list[tuple[int]]:
    """Run a statement; give its rows."""
    with psycopg.connect(url) as connection:
        found = connection.execute(statement.encode())
        return found.fetchall() if found.description else []


def programs() -> Path:
    """Find the client tools that belong to the server of the tests."""
    return _program("pg_dump").resolve().parent
