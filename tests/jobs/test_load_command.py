"""`kizuna import` and `kizuna imports`, as they are typed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from kizuna.cli import app
from kizuna.pipeline.store import Store


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    path.write_text("customer_id,date,amount\nA,2026-01-01,10\nB,2026-01-02,\n", "utf-8")
    return path


def kizuna(home: Path, *words: object) -> Result:
    return CliRunner().invoke(app, [*map(str, words), "--home", str(home)])


def test_a_file_is_brought_in_listed_and_taken_out(tmp_path, log):
    assert (
        "1 new, 0 changed, 0 unchanged, 1 rows left out" in kizuna(tmp_path, "import", log).stdout
    )
    listed = kizuna(tmp_path, "imports").stdout
    batch = re.match(r"[0-9a-f]{12}", listed)
    assert batch
    assert kizuna(tmp_path, "imports", "--undo", batch[0]).stdout == ""
    assert Store(tmp_path / "store").read("transactions").num_rows == 0


def test_a_dry_run_writes_nothing(tmp_path, log):
    assert "dry run" in kizuna(tmp_path, "import", log, "--dry-run").stdout
    assert Store(tmp_path / "store").names() == ()


@pytest.mark.parametrize("words", [("imports", "--undo", "none"), ("import", "absent.csv")])
def test_what_is_not_there_is_said_in_one_sentence(tmp_path, words):
    ran = kizuna(tmp_path, *words)
    assert (ran.exit_code, len(ran.stderr.strip().splitlines())) == (2, 1)


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text("id,name,mail,rank\n1,Ada,a@x.org,gold\n2,Bo,,\n2,Bob,,\n", "utf-8")
    return path


def test_customers_are_brought_in_listed_and_taken_out(tmp_path, people, log):
    kizuna(tmp_path, "import", log)
    said = ("--table", "customers", "--column", "custom.Rank=rank", "--key", "customer_id")
    told = kizuna(tmp_path, "import", people, *said).stdout
    assert "customers: 1 new, 0 changed, 0 unchanged, 2 conflicts, 0 rows left out" in told
    assert "2 rows: the file says two things of one record" in told
    kept = Store(tmp_path / "store").read("customers").to_pylist()
    assert [(row["name"], row["custom"]) for row in kept] == [("Ada", '{"Rank":"gold"}')]
    orders, customers = kizuna(tmp_path, "imports").stdout.splitlines()
    assert ("orders: 1 new" in orders, "customers: 1 new" in customers) == (True, True)
    kizuna(tmp_path, "imports", "--undo", customers[:12])
    assert Store(tmp_path / "store").read("customers").num_rows == 0


def test_a_value_may_stand_for_every_row(tmp_path):
    path = tmp_path / "ads.csv"
    path.write_text("month,channel,cost\n2024-01,search,120000\n", "utf-8")
    said = ("--table", "costs", "--column", "kind==acquisition", "--currency", "JPY")
    assert "costs: 1 new" in kizuna(tmp_path, "import", path, *said, "--dry-run").stdout


def test_a_column_without_its_part_is_refused(tmp_path, people):
    ran = kizuna(tmp_path, "import", people, "--table", "customers", "--column", "rank")
    assert (ran.exit_code, "write part=column" in ran.stderr) == (2, True)
