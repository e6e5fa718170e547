"""A file of orders goes into the store once, and comes out again without a trace."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_sets import data_file, requires_data
from kizuna.jobs import load as job
from kizuna.jobs.load import Loaded, OrderFile, batches, check, undo
from kizuna.pipeline.capture import OrderSources, read_orders
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.errors import InputError
from kizuna.pipeline.store import Store

TODAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HEADER = "customer_id,order_id,date,amount"


def write(path: Path, *rows: str, header: str = HEADER) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return path


def load(store: Store, path: Path, batch: str, **said: str) -> Loaded:
    file = OrderFile(path=path, name=path.name, **said)
    later = NOON + timedelta(seconds=len(batches(store)))
    return job.load(store, file, batch=batch, at=later, today=TODAY)


def counts(loaded: Loaded) -> tuple[int, int, int, int]:
    return loaded.new, loaded.changed, loaded.unchanged, loaded.errors


def amounts(store: Store) -> list[int]:
    found: list[int] = store.read("transactions")["amount"].to_pylist()
    return found


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def january(tmp_path: Path) -> Path:
    return write(tmp_path / "january.csv", "A,1,2026-01-01,10", "B,2,2026-01-02,20", "B,,,")


def test_the_first_import_is_all_new(store, january):
    loaded = load(store, january, "one")
    assert counts(loaded) == (2, 0, 0, 1)
    assert loaded.rejected == {"missing_date": 1}
    assert amounts(store) == [1000, 2000]


def test_the_same_file_twice_changes_nothing(store, january):
    load(store, january, "one")
    before = store.read("transactions")
    versions = store.versions("transactions")
    assert counts(load(store, january, "two")) == (0, 0, 2, 1)
    assert store.read("transactions") == before
    assert store.versions("transactions") == versions


def test_the_same_file_without_order_numbers_changes_nothing(store, tmp_path):
    rows = ("A,2026-01-01,10", "A,2026-01-01,10", "B,2026-01-02,5")
    path = write(tmp_path / "plain.csv", *rows, header="customer_id,date,amount")
    assert load(store, path, "one").new == 3
    assert counts(load(store, path, "two")) == (0, 0, 3, 0)


def test_another_file_without_numbers_is_new_and_says_what_looks_alike(store, tmp_path):
    header = "customer_id,date,amount"
    load(store, write(tmp_path / "a.csv", "A,2026-01-01,10", header=header), "one")
    longer = write(tmp_path / "b.csv", "A,2026-01-01,10", "B,2026-02-01,7", header=header)
    loaded = load(store, longer, "two")
    assert (loaded.new, loaded.alike) == (2, 1)


def test_a_changed_order_replaces_the_former(store, january, tmp_path):
    load(store, january, "one")
    corrected = write(tmp_path / "more.csv", "A,1,2026-01-01,11", "C,3,2026-01-03,30")
    assert counts(load(store, corrected, "two")) == (1, 1, 0, 0)
    assert amounts(store) == [1100, 2000, 3000]


def test_a_dry_run_says_the_same_and_changes_nothing(store, january, tmp_path):
    load(store, january, "one")
    versions = store.versions("order_log")
    more = OrderFile(
        path=write(tmp_path / "more.csv", "A,1,2026-01-01,11", "C,3,2026-01-03,30"), name="more.csv"
    )
    assert counts(check(store, more, today=TODAY)) == (1, 1, 0, 0)
    assert store.versions("order_log") == versions


def test_a_job_that_was_killed_may_be_repeated(store, january):
    first = load(store, january, "one")
    assert load(store, january, "one") == first
    assert len(batches(store)) == 1


def test_a_crash_between_the_log_and_the_transactions_is_mended(store, january, monkeypatch):
    monkeypatch.setattr(job, "make_transactions", lambda store: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        load(store, january, "one")
    monkeypatch.undo()
    load(store, january, "one")
    assert amounts(store) == [1000, 2000]


def test_an_import_on_which_another_rests_is_undone_after_it(store, january, tmp_path):
    load(store, january, "one")
    load(store, write(tmp_path / "more.csv", "A,1,2026-01-01,11"), "two")
    with pytest.raises(InputError, match=r"undo more\.csv \(two\) first"):
        undo(store, "one")
    undo(store, "two")
    undo(store, "one")
    assert amounts(store) == []


def test_imports_without_common_orders_are_undone_in_any_order(store, january, tmp_path):
    load(store, january, "one")
    load(store, write(tmp_path / "feb.csv", "C,3,2026-02-01,30"), "two")
    undo(store, "one")
    assert amounts(store) == [3000]
    assert [found.batch for found in batches(store)] == ["two"]


def test_a_return_finds_its_purchase_in_an_earlier_file(store, january, tmp_path):
    load(store, january, "one")
    loaded = load(store, write(tmp_path / "feb.csv", "A,9,2026-02-01,-4"), "two")
    assert loaded.waiting == 0
    row = store.read("transactions").filter(pa.compute.field("amount") < 0).to_pylist()[0]
    assert row["purchased_on"] == date(2026, 1, 1)


def test_a_return_waits_until_its_purchase_comes(store, january, tmp_path):
    assert load(store, write(tmp_path / "feb.csv", "A,9,2026-02-01,-4"), "one").waiting == 1
    assert amounts(store) == []
    assert load(store, january, "two").waiting == 0
    assert sorted(amounts(store)) == [-400, 1000, 2000]


def test_currencies_are_never_mixed(store, tmp_path):
    header = "customer_id,date,amount,currency"
    load(store, write(tmp_path / "a.csv", "A,2026-01-01,10,EUR", header=header), "one")
    dollars = write(tmp_path / "b.csv", "B,2026-01-01,10,USD", header=header)
    with pytest.raises(InputError, match="no amount is in EUR"):
        load(store, dollars, "two")
    with pytest.raises(InputError, match="the orders so far are in EUR: USD cannot join them"):
        load(store, dollars, "three", currency="USD")


def test_orders_of_no_known_currency_are_not_joined_by_others(store, january, tmp_path):
    load(store, january, "one")
    euros = write(tmp_path / "b.csv", "B,2026-01-01,€10", header="customer_id,date,amount")
    with pytest.raises(InputError, match="of no known currency"):
        load(store, euros, "two")
    assert load(store, january, "three").currency == "XXX"


def test_a_file_that_cannot_be_used_leaves_no_trace(store, tmp_path):
    path = write(tmp_path / "bad.csv", "A,1,someday,10")
    with pytest.raises(InputError, match=r"date"):
        load(store, path, "one")
    assert store.names() == ()


def test_two_imports_at_once_are_one_after_the_other(store, january):
    with job.alone(store, 0), pytest.raises(InputError, match="another import is running"):
        load(store, january, "one")


def test_rows_left_out_are_kept_with_line_and_reason(store, january, tmp_path):
    file = OrderFile(path=january, name="january.csv")
    check(store, file, today=TODAY, rejected_to=tmp_path / "rejected.parquet")
    rejected = pa.parquet.read_table(tmp_path / "rejected.parquet").to_pylist()
    assert rejected == [{"line": 4, "reason": "missing_date", "raw": "B,,,"}]


def test_a_preview_guesses_and_says_what_is_missing(tmp_path):
    path = write(tmp_path / "odd.csv", "A,2026-01-01,x", header="会員番号,注文日,何か")
    seen = job.preview(path)
    assert seen.guess == {"customer": "会員番号", "date": "注文日"}
    assert seen.rows == (("A", "2026-01-01", "x"),)
    assert "no column looks like the amount" in seen.problem


LINES = st.lists(
    st.tuples(
        st.sampled_from("ABC"), st.sampled_from("1234"), st.integers(1, 3), st.integers(-2, 9)
    ),
    min_size=1,
    max_size=8,
)


def text_of(lines: list[tuple[str, str, int, int]]) -> list[str]:
    return [f"{c},{o},2026-01-0{d},{a}" for c, o, d, a in lines]


@settings(max_examples=settings().max_examples // 6)
@given(st.lists(LINES, min_size=1, max_size=4), st.booleans())
def test_undoing_the_last_import_restores_the_former_state_exactly(files, numbered):
    """Import, import another, undo: the tables are equal, at every depth."""
    with tempfile.TemporaryDirectory() as folder:
        store, states = Store(Path(folder) / "store"), []
        header = HEADER if numbered else "customer_id,article,date,amount"
        for number, lines in enumerate(files):
            path = write(Path(folder) / f"{number}.csv", *text_of(lines), header=header)
            load(store, path, f"b{number}")
            states.append(store.read("transactions"))
            assert load(store, path, "again").new == 0
            assert store.read("transactions") == states[-1]
            undo(store, "again")
        for number in reversed(range(1, len(files))):
            undo(store, f"b{number}")
            assert store.read("transactions") == states[number - 1]


@requires_data
@pytest.mark.parametrize(
    ("name", "said"),
    [("cdnow/cdnow_sample", {}), ("online_retail/online_retail", {"currency": "GBP"})],
)
def test_public_logs_come_out_as_the_value_job_reads_them(store, name, said):
    path = data_file(f"{name}.parquet")
    load(store, path, "one", **said)
    keys = [("customer_id", "ascending"), ("ordered_on", "ascending"), ("amount", "ascending")]
    with Engine() as engine:
        read_orders(engine, OrderSources(paths=[path]), today=TODAY, currency=said.get("currency"))
        expected = engine.table("transactions").drop_columns("order_id").sort_by(keys)
    found = store.read("transactions").drop_columns("order_id").sort_by(keys)
    assert found.select(["customer_id", "ordered_on", "amount", "purchased_on"]) == expected.select(
        ["customer_id", "ordered_on", "amount", "purchased_on"]
    )
