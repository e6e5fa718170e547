"""What people write, and what a standard table keeps of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from kizuna.pipeline.capture.standard import places, values
from kizuna.pipeline.capture.standard.specs import SPECS, Part
from kizuna.pipeline.capture.standard.values import Reading
from kizuna.pipeline.capture.zones import Zone
from kizuna.pipeline.engine import Engine


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(threads=1) as engine:
        engine.function(values.FOLDED, lambda texts: pc.utf8_normalize(texts, form="NFKC"))
        yield engine


def kept(engine: Engine, part: Part, text: str | None, **more: str) -> tuple[Any, Any]:
    """Give the value of a text, and why there is none."""
    engine.register("texts", pa.table({part.name: pa.array([text], pa.string())}))
    reading = Reading({part.name: "column"}, Zone("Asia/Tokyo"), "2026-11-21", **more)  # type: ignore[arg-type]
    sql = values.layer("SELECT * FROM texts", part, reading)
    row = engine.query(sql).to_pylist()[0]
    return row[part.name], row[f"{part.name}__bad"]


@pytest.mark.parametrize(
    ("part", "text", "value"),
    [
        ("name", "山田　花子様", "山田 花子"),
        ("name", "㈱絆御中", "(株)絆"),
        ("name", "様", "様"),
        ("name", "  Ada   Lovelace ", "Ada Lovelace"),
        ("name", "-", None),
        ("name_kana", "やまだ ﾊﾅｺ", "ヤマダ ハナコ"),
        ("email", "Ａda@Example.COM ", "ada@example.com"),
        ("phone", "03-1234-5678", "+81312345678"),
        ("phone", "０９０（１２３４）５６７８", "+819012345678"),
        ("phone", "+44 (0)20 7946 0018", "+442079460018"),
        ("phone", "0081 3 1234 5678", "+81312345678"),
        ("phone", "内線 12", "内線 12"),
        ("region", "東京", "東京都"),
        ("region", "神奈川", "神奈川県"),
        ("region", "Kent", "Kent"),
        ("country", "日本", "JP"),
        ("country", "United States", "US"),
        ("kind", "法人", "company"),
        ("acquired_on", "令和5年4月1日", date(2023, 4, 1)),
        ("acquired_on", "2023/04/01", date(2023, 4, 1)),
        ("acquired_on", "2023年4月", date(2023, 4, 1)),
        ("acquired_on", "9999-12-31", None),
    ],
)
def test_a_value_is_kept_in_one_way(engine: Engine, part: str, text: str, value: Any) -> None:
    assert kept(engine, SPECS["customers"].by_name[part], text) == (value, None)


@pytest.mark.parametrize(
    ("part", "text", "value"),
    [
        ("notice_days", "30日", 30),
        ("term_months", "12ヶ月", 12),
        ("billing_months", "年払い", 12),
        ("billing_months", "quarterly", 3),
        ("auto_renew", "あり", True),
        ("auto_renew", "no", False),
        ("amount", "9800円", 9800),
    ],
)
def test_a_word_may_stand_for_a_number(engine: Engine, part: str, text: str, value: Any) -> None:
    assert kept(engine, SPECS["contracts"].by_name[part], text) == (value, None)


@pytest.mark.parametrize(
    ("table", "part", "text", "reason"),
    [
        ("customers", "acquired_on", "2023-13-45", "unreadable_date"),
        ("customers", "acquired_on", "0001-01-01", "implausible_date"),
        ("customers", "kind", "martian", "unknown_word"),
        ("contracts", "notice_days", "1.5", "unreadable_number"),
        ("contracts", "auto_renew", "perhaps", "unknown_word"),
        ("contracts", "currency", "QQQ", "unknown_currency"),
        ("responses", "score", "十", "unreadable_number"),
        ("events", "happened_at", "2099-01-01", "future_date"),
        ("events", "properties", "[1]", "bad_json"),
    ],
)
def test_what_cannot_be_read_says_why(
    engine: Engine, table: str, part: str, text: str, reason: str
) -> None:
    assert kept(engine, SPECS[table].by_name[part], text)[1] == reason


@pytest.mark.parametrize(
    ("address", "prefecture", "rest"),
    [
        ("〒150-0001 東京都渋谷区神宮前1-1", "東京都", "渋谷区神宮前1-1"),
        ("〒5300001大阪府大阪市北区", "大阪府", "大阪市北区"),
        ("神奈川県横浜市", "神奈川県", "横浜市"),
        ("1 High Street, Kent", None, "1 High Street, Kent"),
    ],
)
def test_an_address_is_parted(
    engine: Engine, address: str, prefecture: str | None, rest: str
) -> None:
    engine.register("addresses", pa.table({"a": [address]}))
    sql = f"SELECT {places.prefecture_of('a')} AS p, {places.rest_of('a')} AS r FROM addresses"
    assert engine.query(sql).to_pylist() == [{"p": prefecture, "r": rest}]
