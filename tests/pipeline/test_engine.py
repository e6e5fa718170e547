"""The engine: names, Arrow in and out, files, limits, and nothing fetched from outside."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kizuna.pipeline.engine import Engine, default_threads, identifier, quoted


@pytest.fixture
def engine() -> Engine:
    engine = Engine(threads=2)
    engine.register("t", pa.table({"a": [3, 1, 2]}))
    return engine


def test_arrow_goes_in_and_comes_out(engine: Engine) -> None:
    assert engine.query("SELECT sum(a)::BIGINT AS s FROM t").to_pylist() == [{"s": 6}]
    assert engine.table("t", order_by=["a"])["a"].to_pylist() == [1, 2, 3]
    assert engine.schema("t") == pa.schema([("a", pa.int64())])


def test_a_name_can_be_given_again_to_any_kind_of_table(engine: Engine) -> None:
    engine.create("t", "SELECT 1 AS a")
    engine.view("t", "SELECT 1 AS a UNION ALL SELECT 2")
    assert engine.count("t") == 2
    engine.register("t", pa.table({"a": [1, 2, 3]}))
    assert engine.count("t") == 3
    assert engine.names() == {"t"}


def test_a_dropped_table_is_gone(engine: Engine) -> None:
    engine.drop("t")
    engine.drop("never_was")
    assert engine.names() == frozenset()


def test_parquet_files_are_read_by_an_explicit_list(engine: Engine, tmp_path: Path) -> None:
    files = [tmp_path / f"it's {k}.parquet" for k in range(3)]
    for k, file in enumerate(files):
        pq.write_table(pa.table({"a": [k]}), file)
    engine.register_parquet("p", files[:2])
    assert engine.table("p", order_by=["a"])["a"].to_pylist() == [0, 1]


@pytest.mark.parametrize("file_format", ["parquet", "csv"])
def test_results_are_copied_to_a_file(engine: Engine, tmp_path: Path, file_format: str) -> None:
    path = tmp_path / f"o'neil.{file_format}"
    engine.copy("SELECT a FROM t ORDER BY a", path, file_format)  # type: ignore[arg-type]
    read = engine.query(f"SELECT a FROM {quoted(str(path))}")
    assert read["a"].to_pylist() == [1, 2, 3]


def test_results_come_in_batches(engine: Engine) -> None:
    batches = list(engine.reader("SELECT * FROM range(10000)", batch_rows=3000))
    assert len(batches) > 1
    assert sum(batch.num_rows for batch in batches) == 10_000


def test_parameters_are_values_not_text(engine: Engine) -> None:
    evil = "x'; DROP TABLE t; --"
    assert engine.query("SELECT ? AS a", [evil])["a"].to_pylist() == [evil]


def test_a_strange_name_is_quoted(engine: Engine) -> None:
    engine.create('a "b" c', "SELECT 1 AS x")
    assert engine.count('a "b" c') == 1
    assert identifier('a"b') == '"a""b"'


def test_work_beyond_the_limit_of_memory_spills_to_the_folder(tmp_path: Path) -> None:
    big = "SELECT range AS a, md5(range::VARCHAR) AS b FROM range(400000) ORDER BY b"
    with Engine(threads=1, memory_limit="40MB", temp_directory=tmp_path) as engine:
        engine.create("big", big)
        assert engine.count("big") == 400_000


def test_no_extension_is_fetched() -> None:
    with Engine() as engine, pytest.raises(duckdb.Error):
        engine.query("SELECT * FROM 'https://example.invalid/x.parquet'")


def test_threads_are_all_of_few_cores_and_half_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    for cores, threads in ((1, 1), (2, 2), (4, 4), (6, 4), (16, 8)):
        monkeypatch.setattr("os.sched_getaffinity", lambda _, n=cores: range(n))
        assert default_threads() == threads


def test_an_engine_beside_has_the_same_tables_and_what_it_creates_is_there_for_both() -> None:
    with Engine(threads=2) as engine:
        engine.register("given", pa.table({"a": [1, 2]}))
        engine.create("made", "SELECT a + 1 AS b FROM given")
        with engine.beside() as other:
            assert other.names() == engine.names() == {"given", "made"}
            other.create("more", "SELECT sum(a * b) AS c FROM given CROSS JOIN made")
            other.register("own", pa.table({"d": [1]}))
        assert engine.query("SELECT c FROM more")["c"].to_pylist() == [15]
        assert "own" not in engine.names()


def test_an_engine_that_follows_has_what_the_other_has_now() -> None:
    with Engine(threads=2) as engine:
        for name in ("kept", "replaced", "gone", "made"):
            engine.register(name, pa.table({"a": [1]}))
        with engine.beside() as other:
            other.register("own", pa.table({"a": [9]}))
            engine.register("replaced", pa.table({"a": [2]}))
            engine.create("made", "SELECT 3 AS a")
            engine.drop("gone")
            engine.register("new", pa.table({"a": [4]}))
            other.follow(engine, but=["own"])
            assert other.names() == {"kept", "replaced", "made", "new", "own"}
            found = {name: other.table(name)["a"].to_pylist() for name in other.names()}
            other.follow(engine)
            assert "own" not in other.names()
    assert found == {"kept": [1], "replaced": [2], "made": [3], "new": [4], "own": [9]}
