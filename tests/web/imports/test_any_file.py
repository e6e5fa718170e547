"""Any file at all: it is imported or refused in a sentence, and twice changes nothing."""

from __future__ import annotations

import csv
import io
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from kizuna.pipeline.errors import InputError
from kizuna.pipeline.store import Store
from kizuna.web.capture.imports import files, loads
from kizuna.web.capture.imports.models import Table

TODAY = date(2026, 6, 1)
AT = datetime(2026, 6, 1, tzinfo=UTC)
CELL = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["A", "B", "山田", "=1+1", "2026-01-05", "令和8年1月5日", "1,200円", "-3", ""]),
    st.dates(date(2020, 1, 1), date(2026, 5, 1)).map(str),
    st.integers(-(10**12), 10**12).map(str),
)
HEADERS = st.sampled_from(
    ["customer_id", "order_id", "date", "amount", "会員番号", "氏名", "メール", "score", "x", ""]
)
WIDTH = st.integers(1, 6)
slow_is_fine = settings(
    max_examples=settings().max_examples // 3, suppress_health_check=[HealthCheck.too_slow]
)


def mostly(*usual: str) -> st.SearchStrategy[str]:
    """Give what a column usually holds, and now and then anything."""
    return st.one_of(*[st.sampled_from(usual)] * 6, CELL)


USABLE = {
    "customer_id": mostly("A", "B", "C"),
    "date": mostly("2026-01-05", "2026/1/6", "令和8年1月7日"),
    "amount": mostly("10", "1,200円", "20", "-10"),
    "name": mostly("山田", "Ada"),
    "email": mostly("a@example.com", "B@example.com"),
    "kind": mostly("nps", "csat"),
}


@st.composite
def csv_files(draw: st.DrawFn) -> bytes:
    width = draw(WIDTH)
    columns = dict.fromkeys(draw(st.lists(HEADERS, min_size=width, max_size=width)), CELL)
    columns = draw(st.sampled_from([USABLE, USABLE, columns]))
    rows = draw(st.lists(st.tuples(*columns.values()), max_size=12))
    text = io.StringIO()
    csv.writer(text).writerows([tuple(columns), *rows])
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "cp932", "euc_jp", "utf-16"]))
    data = text.getvalue().encode(encoding, errors="replace")
    return data[: draw(st.sampled_from([len(data), len(data), len(data) * 3 // 4]))]


@slow_is_fine
@given(data=st.one_of(csv_files(), st.binary(max_size=300)), table=st.sampled_from(Table.values))
def test_any_file_is_imported_once_or_refused_in_a_sentence(data: bytes, table: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        path, store = Path(name) / "f.csv", Store(Path(name) / "store")
        path.write_bytes(data)
        try:
            file = seen(path, table)
            loaded = loads.load(store, file, batch="a", at=AT, today=TODAY)
        except InputError as error:
            said = str(error)
            event(f"{table}: refused")
        else:
            said = "imported"
            event(f"{table}: imported")
            twice_and_out(store, file, loaded)
        assert said
        assert name not in said


def seen(path: Path, table: str) -> loads.File:
    """Say how a file is read, as the page guesses."""
    guess = files.previewed(path, "f.csv", table)["guess"]
    mapping = {"columns": guess, "date_order": None, "money": None}
    return loads.file_of(table, path, "f.csv", mapping, "UTC")


def twice_and_out(store: Store, file: loads.File, loaded: loads.Loaded) -> None:
    """Import the same again, which changes nothing; undo both, which leaves nothing."""
    table = getattr(file, "table", "orders")
    again = loads.load(store, file, batch="b", at=AT + timedelta(hours=1), today=TODAY)
    assert (again.new, again.changed, again.rejected) == (0, 0, loaded.rejected)
    loads.undo(store, table, "b")
    loads.undo(store, table, "a")
    assert loads.batches(store, table) == {}
    assert len(store.read("transactions" if table == Table.ORDERS else table)) == 0
