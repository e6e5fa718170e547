"""Names folded a column at a time are what they are one by one."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kizuna.web.know.customers.folds import folds, name_key, searched
from kizuna.web.know.customers.shelf import spread

LETTERS = "ab Zｱガｶﾞ　 かサÀſß①ｶ\u3099é\u0080Ā山"
texts = st.none() | st.text(LETTERS, max_size=12) | st.text(LETTERS, min_size=195, max_size=260)
rows = st.lists(st.tuples(st.text(LETTERS, min_size=1), texts, texts, texts, texts), max_size=6)


@settings(max_examples=60, deadline=None)
@given(rows)
@example([("c1", "山田 花子", "ﾔﾏﾀﾞ はなこ", "A@example.jp", ""), ("C2", None, None, None, None)])
@example([("c1", "Anne Lee", "", "a@example.jp", "+81 90"), ("C2", " ", None, "B", "1")])
def test_columns_are_folded_as_each_row_is(
    said: list[tuple[str, str | None, str | None, str | None, str | None]],
) -> None:
    columns = [pa.array([row[k] for row in said], pa.string()) for k in range(5)]
    found, keys, sought = (made.to_pylist() for made in folds(columns))
    assert found == [searched(*row) for row in said]
    assert keys == [name_key(*row[1:3]) for row in said]
    assert sought == [spread(text) for text in found]
