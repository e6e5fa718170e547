"""Values of databases as columns: types that hold them, and keys that come back as they were."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kizuna.pipeline.capture.databases.values import (
    Column,
    as_arrow,
    common_type,
    looked_back,
    packed,
    unpacked,
)

KEYS = st.one_of(
    st.integers(),
    st.text(),
    st.binary(),
    st.dates(),
    st.datetimes(timezones=st.sampled_from([None, UTC])),
    st.decimals(allow_nan=False),
    st.uuids(),
    st.booleans(),
    st.floats(allow_nan=False),
    st.times(),
)


@given(KEYS)
def test_a_key_comes_back_as_it_was(value: Any) -> None:
    again = unpacked(packed(value))
    assert (type(again), again) == (type(value), value)


@pytest.mark.parametrize(
    ("values", "kind", "kept"),
    [
        ([1, 2, None], pa.int64(), [1, 2, None]),
        ([1, 2.5], pa.float64(), [1.0, 2.5]),
        ([1, "two"], pa.string(), ["1", "two"]),
        ([b"\xff", b"ok"], pa.string(), ["ff", "ok"]),
        ([2**70, 1], pa.string(), [str(2**70), "1"]),
    ],
)
def test_a_column_of_any_kind_gets_the_type_of_its_values(
    values: list[Any], kind: pa.DataType, kept: list[Any]
) -> None:
    column = as_arrow([Column("a")], [(value,) for value in values])["a"]
    assert (column.type, column.to_pylist()) == (kind, kept)


def test_what_does_not_fit_its_type_is_kept_as_text() -> None:
    column = as_arrow([Column("a", "whole")], [(2**64 - 1,), (1,)])["a"]
    assert column.to_pylist() == [str(2**64 - 1), "1"]


def test_a_decimal_without_bounds_keeps_ten_places_and_no_not_a_number() -> None:
    values = [(Decimal("12.5"),), (Decimal("NaN"),), (Decimal("1E-30"),)]
    column = as_arrow([Column("a", "decimal")], values)["a"]
    assert column.to_pylist() == [Decimal("12.5"), None, Decimal(0)]


def test_parts_of_a_column_get_the_type_that_holds_all() -> None:
    assert common_type([pa.int64(), pa.null(), pa.int64()]) == pa.int64()
    assert common_type([pa.int64(), pa.float64()]) == pa.float64()
    assert common_type([pa.int64(), pa.date32()]) == pa.string()
    assert common_type([pa.null()]) == pa.string()


def test_reading_begins_a_little_before_where_it_ended() -> None:
    assert looked_back(datetime(2026, 1, 1, 12)) == datetime(2026, 1, 1, 11)
    assert looked_back(date(2026, 1, 2)) == date(2026, 1, 1)
    assert looked_back(5_000) == 4_000
    assert looked_back("as it is") == "as it is"
    assert looked_back(datetime.min) == datetime.min
    assert looked_back(UUID(int=1)) == UUID(int=1)
