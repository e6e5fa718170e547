"""Reading real databases: everything once, only reading, and on through lost connections."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kizuna.pipeline.capture.databases import reading
from kizuna.pipeline.capture.databases.reading import Reading, look, read, tables
from kizuna.pipeline.capture.databases.refusals import Refusal
from kizuna.pipeline.capture.databases.selections import Selection
from pipeline.capture.databases.conftest import Shop, orders


def numbers(found: Reading, column: str = "order_id") -> list[int]:
    assert found.path
    return sorted(pq.read_table(found.path)[column].to_pylist())


def refused(shop: Shop, selection: Selection, folder: Path) -> Refusal:
    with pytest.raises(Refusal) as said:
        read(shop.database, selection, folder)
    return said.value


def no_wait(_seconds: float) -> None:
    return None


def test_tables_are_listed(shop: Shop) -> None:
    assert orders(shop) in tables(shop.database)


def test_a_table_is_read_whole(shop: Shop, tmp_path: Path) -> None:
    shop.sell(1, 5_000)
    found = read(shop.database, Selection(table=orders(shop)), tmp_path / "one")
    assert (numbers(found), found.rows) == (list(range(1, 5_001)), 5_000)


def test_days_and_amounts_keep_their_types(served: Shop, tmp_path: Path) -> None:
    served.sell(7, 7)
    found = read(served.database, Selection(table=orders(served)), tmp_path / "one")
    assert found.path
    [row] = pq.read_table(found.path).to_pylist()
    assert (row["ordered_on"], row["amount"]) == (date(2026, 1, 8), Decimal("7.25"))


def test_a_query_is_read(shop: Shop, tmp_path: Path) -> None:
    shop.sell(1, 30)
    wanted = Selection(query="SELECT order_id, customer FROM orders WHERE customer LIKE 'C2%';")
    assert numbers(read(shop.database, wanted, tmp_path / "one")) == [2, *range(20, 30)]


def test_a_query_with_a_key_is_read_in_pages(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "FIRST_ROWS", 7)
    monkeypatch.setattr(reading, "MOST_ROWS", 7)
    monkeypatch.setattr(reading, "FEWEST_ROWS", 7)
    shop.sell(1, 100)
    wanted = Selection(
        query="SELECT * FROM orders WHERE customer LIKE 'C%'", key=("customer", "order_id")
    )
    assert numbers(read(shop.database, wanted, tmp_path / "one")) == list(range(1, 101))
    assert len(list((tmp_path / "one").glob("chunk-*"))) == 15


def test_the_first_rows_are_shown(shop: Shop) -> None:
    shop.sell(1, 50)
    seen = look(shop.database, Selection(table=orders(shop)))
    assert seen.columns[:2] == ["order_id", "customer"]
    assert len(seen.rows) == 20


def test_an_empty_table_gives_no_file(shop: Shop, tmp_path: Path) -> None:
    assert read(shop.database, Selection(table=orders(shop)), tmp_path / "one").path is None


def test_only_what_is_new_is_read_and_a_little_before(shop: Shop, tmp_path: Path) -> None:
    wanted = Selection(table=orders(shop), since="changed")
    shop.sell(1, 3_000)
    first = read(shop.database, wanted, tmp_path / "one")
    assert first.high == ["whole", "3000"]
    shop.sell(3_001, 3_005)
    second = read(shop.database, wanted, tmp_path / "two", low=first.high)
    assert numbers(second) == list(range(2_000, 3_006))
    assert second.high == ["whole", "3005"]


def test_a_row_that_changes_while_others_are_read_is_read_by_the_next_reading(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "FIRST_ROWS", 10)
    shop.sell(1, 100)
    seen: list[int] = []

    def change(rows: int) -> None:
        if not seen:
            seen.append(rows)
            shop.admin("UPDATE orders SET changed = 5000 WHERE order_id IN (1, 100)")

    wanted = Selection(table=orders(shop), since="changed")
    first = read(shop.database, wanted, tmp_path / "one", on_rows=change)
    second = read(shop.database, wanted, tmp_path / "two", low=first.high)
    assert first.high == ["whole", "100"]
    assert numbers(first) == list(range(1, 100))
    assert {1, 100} <= set(numbers(second))


def test_an_empty_second_reading_keeps_where_the_first_ended(shop: Shop, tmp_path: Path) -> None:
    wanted = Selection(query="SELECT * FROM orders WHERE changed > 0", since="changed")
    again = read(shop.database, wanted, tmp_path / "one", low=["whole", "9"])
    assert (again.path, again.high) == (None, ["whole", "9"])


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM orders",
        "SELECT 1; DELETE FROM orders",
        "WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone",
        "SELECT * INTO copy FROM orders",
        "SELECT * FROM orders INTO OUTFILE '/tmp/stolen'",
        "SELECT * FROM orders) AS a INTO OUTFILE '/tmp/stolen' -- ",
        "SELECT * FROM orders FOR UPDATE",
        "no sql at all",
    ],
)
def test_what_is_not_one_select_is_refused(shop: Shop, tmp_path: Path, query: str) -> None:
    assert refused(shop, Selection(query=query), tmp_path / "one").code == "one_select"


WRITES = {
    "postgresql": ["DELETE FROM orders", "COMMIT", "WITH g AS (DELETE FROM orders RETURNING 1)"],
    "mysql": ["SELECT 1; DELETE FROM orders", "DELETE FROM orders", "COMMIT; DELETE FROM orders"],
    "sqlite": ["DELETE FROM orders", "ATTACH '/tmp/x.db' AS x", "SELECT 1; DELETE FROM orders"],
}


def test_the_database_itself_refuses_to_write_whatever_is_sent(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: without our own look at the text, and as a user who may write."""
    shop.sell(1, 3)
    kind = shop.database.address.kind
    if shop.server:
        everyone = "reader" if kind == "postgresql" else "reader@'127.0.0.1'"
        shop.admin(f"GRANT ALL ON {'orders' if kind == 'postgresql' else 'shop.*'} TO {everyone}")
    monkeypatch.setattr(reading, "one_select", lambda text, _kind: text)
    with reading.session(shop.database.address, shop.database.doors) as opened:
        for write in WRITES[kind]:
            with pytest.raises((Refusal, Warning, ValueError)):
                list(opened.batches(write, (), 10))
    seen = look(shop.database, Selection(table=orders(shop)))
    assert len(seen.rows) == 3


def test_a_key_that_two_rows_share_is_refused(shop: Shop, tmp_path: Path) -> None:
    shop.sell(1, 200)
    said = refused(shop, Selection(table=orders(shop), key=("customer",)), tmp_path / "one")
    assert said.code == "not_unique"


def test_a_key_that_is_empty_somewhere_is_refused(shop: Shop, tmp_path: Path) -> None:
    shop.admin("INSERT INTO orders (order_id) VALUES (1)")
    said = refused(shop, Selection(table=orders(shop), key=("customer",)), tmp_path / "one")
    assert said.code == "key_empty"


def test_a_column_that_is_not_there_is_named(shop: Shop, tmp_path: Path) -> None:
    said = refused(shop, Selection(table=orders(shop), since="updated"), tmp_path / "one")
    assert "no column updated; there are: order_id" in str(said)


def test_a_mistake_in_a_query_is_told_in_the_words_of_the_database(
    shop: Shop, tmp_path: Path
) -> None:
    said = refused(shop, Selection(query="SELECT nothing FROM orders"), tmp_path / "one")
    assert said.code == "wrong_query"
    assert "nothing" in str(said)


def test_a_slow_statement_is_ended(shop: Shop) -> None:
    shop.sell(1, 2_000)
    slow = {
        "postgresql": "SELECT pg_sleep(30)",
        "mysql": "SELECT count(*) FROM orders a, orders b, orders c "
        "WHERE a.amount + b.amount > 2 * c.amount",
        "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
        "SELECT count(*) FROM n",
    }[shop.database.address.kind]
    where = (shop.database.address, shop.database.doors, 1)
    with reading.session(*where) as opened, pytest.raises(Refusal) as said:
        list(opened.batches(slow, (), 10))
    assert said.value.code == "too_slow"


def test_texts_and_names_of_any_kind_come_through(shop: Shop, tmp_path: Path) -> None:
    name = '"100% 売上"' if shop.database.address.kind != "mysql" else "`100% 売上`"
    shop.admin(
        f"CREATE TABLE odd (id INTEGER PRIMARY KEY, {name} VARCHAR(80))",
        "INSERT INTO odd VALUES (1, '絆 🎁 مرحبا ''%s'''), (2, NULL)",
    )
    wanted = Selection(table=(*orders(shop)[:-1], "odd"), since="id")
    found = read(shop.database, wanted, tmp_path / "one")
    assert found.path
    table: pa.Table = pq.read_table(found.path).sort_by("id")
    assert table["100% 売上"].to_pylist() == ["絆 🎁 مرحبا '%s'", None]


def big(served: Shop, monkeypatch: pytest.MonkeyPatch) -> Selection:
    """Many pages, so that there is time to kill."""
    monkeypatch.setattr(reading, "FIRST_ROWS", 100)
    monkeypatch.setattr(reading, "MOST_ROWS", 100)
    served.sell(1, 2_000)
    return Selection(table=orders(served))


def test_a_server_killed_in_mid_reading_loses_and_doubles_nothing(
    served: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted, waits = big(served, monkeypatch), list[float]()
    assert served.server
    pages: list[int] = []

    def on_rows(rows: int) -> None:
        pages.append(rows)
        if rows == 500:
            served.server.kill()  # type: ignore[union-attr]

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            served.server.begin()  # type: ignore[union-attr]

    found = read(served.database, wanted, tmp_path / "one", on_rows=on_rows, wait=wait)
    assert numbers(found) == list(range(1, 2_001))
    assert waits == [1.0, 2.0]
    assert pages == list(range(100, 2_001, 100))


def test_a_server_that_stays_away_is_told_and_the_next_try_goes_on(
    served: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted, folder = big(served, monkeypatch), tmp_path / "one"
    assert served.server

    def on_rows(rows: int) -> None:
        if rows == 500:
            served.server.kill()  # type: ignore[union-attr]

    with pytest.raises(Refusal) as said:
        read(served.database, wanted, folder, on_rows=on_rows, wait=no_wait)
    assert said.value.code == "lost"
    served.server.begin()
    pages: list[int] = []
    assert numbers(read(served.database, wanted, folder, on_rows=pages.append)) == list(
        range(1, 2_001)
    )
    assert pages[0] == 600


def test_a_reading_without_a_key_begins_again(
    served: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "FIRST_ROWS", 100)
    served.sell(1, 2_000)
    assert served.server
    pages: list[int] = []

    def on_rows(rows: int) -> None:
        pages.append(rows)
        if len(pages) == 5:
            served.server.kill()  # type: ignore[union-attr]

    def wait(_seconds: float) -> None:
        served.server.begin()  # type: ignore[union-attr]

    wanted = Selection(query="SELECT o.*, repeat('x', 5000) AS wide FROM orders o")
    found = read(served.database, wanted, tmp_path / "one", on_rows=on_rows, wait=wait)
    assert numbers(found) == list(range(1, 2_001))


def test_a_page_that_forgets_where_it_was_is_found_out(
    served: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin of the killed server: what is read again after the loss would be doubled."""
    wanted, keep = big(served, monkeypatch), reading.Chunks.keep

    def forget(chunks: Any, progress: Any) -> None:
        last, progress.last = progress.last, None
        keep(chunks, progress)
        progress.last = last

    monkeypatch.setattr(reading.Chunks, "keep", forget)

    def on_rows(rows: int) -> None:
        if rows == 500:
            served.server.kill()  # type: ignore[union-attr]

    def wait(_seconds: float) -> None:
        served.server.begin()  # type: ignore[union-attr]

    found = read(served.database, wanted, tmp_path / "one", on_rows=on_rows, wait=wait)
    assert numbers(found) != list(range(1, 2_001))
