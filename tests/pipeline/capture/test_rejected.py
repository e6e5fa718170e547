"""Nothing lost, nothing silent: every row is kept, or left out with its line and reason."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kizuna.pipeline.capture import REASONS, loading
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.errors import InputError
from order_files import Read, read_paths

HEADER = "customer,date,total,remark\n"
GOOD = "1,2026-01-01,5,\n2,2026-01-02,6,\n"

BAD = {
    "missing_customer": ",2026-01-03,7,\n",
    "missing_date": "3,,7,\n",
    "unreadable_date": "3,2026-02-30,7,\n",
    "implausible_date": "3,1900-01-01,7,\n",
    "future_date": "3,2026-11-22,7,\n",
    "missing_amount": "3,2026-01-03,,\n",
    "unreadable_amount": "3,2026-01-03,many,\n",
    "malformed_line": "3,2026-01-03\n",
}


@pytest.mark.parametrize(("reason", "line"), BAD.items())
def test_a_row_is_left_out_with_its_reason_line_and_content(
    read: Read, reason: str, line: str
) -> None:
    result = read(HEADER + GOOD + line)
    assert (len(result.transactions), result.reasons) == (2, [(4, reason)])
    assert result.read.rejected == {reason: 1}
    assert result.rejected[0]["raw"] == line.rstrip("\n")
    assert result.rejected[0]["explanation"] == REASONS[reason]


def test_rows_after_the_last_day_observed_are_set_aside_and_counted(read: Read) -> None:
    result = read(HEADER + GOOD + "3,2026-03-01,7,\n", as_of=date(2026, 2, 1))
    assert result.reasons == [(4, "after_as_of")]


@pytest.mark.parametrize("word", ["NULL", "nan", "N/A", " ", "None"])
def test_words_for_nothing_are_nothing(read: Read, word: str) -> None:
    assert read(HEADER + GOOD + f"{word},2026-01-03,7,\n").reasons == [(4, "missing_customer")]


def test_a_line_end_inside_quotation_marks_is_no_new_row(read: Read) -> None:
    result = read(HEADER + '1,2026-01-01,5,"two\nlines"\n,2026-01-02,6,"a\n\nb"\n2,2026-01-03,7,\n')
    assert (result.read.rows_read, result.amounts) == (3, [500, 700])
    assert [(r["line"], r["raw"]) for r in result.rejected] == [(4, ',2026-01-02,6,"a\n\nb"')]


def test_a_quotation_mark_never_closed_swallows_no_other_line(read: Read) -> None:
    stray = '3,2026-01-03,7,"oops\n'
    result = read(HEADER + GOOD + stray + GOOD)
    assert (result.read.rows_read, len(result.transactions)) == (5, 4)
    assert result.reasons == [(4, "malformed_line")]


def test_an_inch_sign_is_no_quotation_mark(read: Read) -> None:
    result = read(HEADER + GOOD + '3,2026-01-03,7,5" pipe\n4,2026-01-04,7,"a\nb"\n')
    assert (len(result.transactions), result.rejected) == (4, [])


def test_bytes_that_are_no_text_cost_only_rows_whose_customer_they_hurt(read: Read) -> None:
    good = (HEADER + GOOD * 5).encode() + "3,2026-01-03,7,山田太郎さん\n".encode() * 5
    data = good + b"4,2026-01-04,8,caf\xff\n" + b"\xff5,2026-01-05,9,\n"
    result = read({"orders.csv": data})
    assert result.read.rejected == {"bad_encoding": 1}
    assert result.read.rows_accepted == 16


def test_json_lines_that_are_no_objects_are_left_out(read: Read) -> None:
    good = '{"customer": 1, "date": "2026-01-01", "total": 5}\n'
    text = good + "oops\n\n[1]\n" + good.replace("1,", "2,", 1) + '{"customer": 3}\n'
    result = read({"orders.jsonl": text})
    assert result.reasons == [(2, "malformed_line"), (4, "malformed_line"), (6, "missing_date")]
    assert result.read.rows_read == 5


def test_a_stray_quotation_mark_in_a_large_file_loses_no_row(
    engine: Engine, tmp_path: Path
) -> None:
    lines = [f"{i},2026-01-01,5,x" for i in range(400_000)]
    lines[200_000] = '7,2026-01-01,5,"oops'
    (tmp_path / "o.csv").write_text(HEADER + "\n".join(lines))
    read = read_paths(engine, [tmp_path / "o.csv"]).read
    assert (read.rows_accepted, read.rejected) == (399_999, {"malformed_line": 1})


def test_the_engine_alone_would_lose_rows_without_a_word(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The deliberate bug: trust the parser's own count."""
    monkeypatch.setattr(loading, "_records", lambda engine, source: 2)
    (tmp_path / "o.csv").write_text(HEADER + GOOD + '3,2026-01-03,7,"oops\n' + GOOD)
    with pytest.raises(InputError, match="never closed"):
        read_paths(engine, [tmp_path / "o.csv"])


FIELDS = st.sampled_from(
    ["1", "2", "77", "", "x", '"q"', '"a,b"', '"a\nb"', '"', "2026-01-02", " "]
)
LINES = st.one_of(
    st.sampled_from([*BAD.values(), *GOOD.splitlines(keepends=True)]),
    st.lists(FIELDS, min_size=1, max_size=5).map(lambda fields: ",".join(fields) + "\n"),
    st.just("\n"),
)


@given(st.lists(LINES, max_size=30))
@settings(max_examples=settings().max_examples // 3)
def test_rows_kept_and_left_out_add_up_to_the_rows_read(lines: list[str]) -> None:
    with TemporaryDirectory() as folder, Engine(threads=1) as engine:
        path = Path(folder) / "orders.csv"
        path.write_text(HEADER + GOOD + "".join(lines))
        result = read_paths(engine, [path])
        physical = path.read_text().split("\n")
    read = result.read
    assert read.rows_read == read.rows_accepted + sum(read.rejected.values())
    assert read.rows_accepted == len(result.transactions)
    for row in result.rejected:
        height = row["raw"].count("\n") + 1
        start = row["line"] - 1
        assert "\n".join(physical[start : start + height]) == row["raw"]
    covered = sum(row["raw"].count("\n") + 1 for row in result.rejected) + read.rows_accepted
    assert covered <= len([line for line in physical if line]) or read.rejected


@given(st.permutations(["good"] * 6 + list(BAD)), st.integers(1, 5))
@settings(max_examples=settings().max_examples // 3)
def test_every_reason_is_counted_exactly_wherever_its_rows_stand(
    kinds: list[str], times: int
) -> None:
    lines = [BAD.get(kind, f"{i % 2},2026-01-01,5,\n") for i, kind in enumerate(kinds)] * times
    with TemporaryDirectory() as folder, Engine(threads=1) as engine:
        path = Path(folder) / "orders.csv"
        path.write_text(HEADER + GOOD + "".join(lines))
        result = read_paths(engine, [path])
    assert result.read.rejected == dict.fromkeys(BAD, times)
    expected = [(i + 4, kind) for i, kind in enumerate(kinds * times) if kind in BAD]
    assert result.reasons == expected
