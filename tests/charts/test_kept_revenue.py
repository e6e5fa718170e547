"""The picture of what is kept of recurring revenue."""

from __future__ import annotations

from datetime import date

import pyarrow as pa

from kizuna.charts.kept_revenue import kept_revenue

TABLE = pa.table(
    {
        "month": [date(2026, 1, 1), date(2026, 2, 1)],
        "net_retention": [1.1, 1.2],
        "gross_retention": [0.9, 0.85],
    }
)


def test_each_line_is_named_and_drawn_in_a_way_of_its_own() -> None:
    lines = kept_revenue(TABLE, names={"net_retention": "N", "gross_retention": "G"})["data"]
    assert [line["name"] for line in lines] == ["N", "G"]
    assert len({line["line"]["dash"] for line in lines}) == 2
    assert lines[1]["y"] == [0.9, 0.85]


def test_a_single_month_and_none_at_all_are_still_a_picture() -> None:
    assert len(kept_revenue(TABLE.slice(0, 1))["data"][0]["x"]) == 1
    assert kept_revenue(TABLE.slice(0, 0))["data"][0]["x"] == []
