"""Honorifics: one, the right one, and what was glued to a name is taken off."""

from __future__ import annotations

import pytest

from kizuna.web.act.messages.names import family_name, salutation


@pytest.mark.parametrize(
    ("name", "kind", "teacher", "said"),
    [
        ("山田 太郎", "person", False, "山田 太郎 様"),
        ("山田 太郎様", "person", False, "山田 太郎 様"),
        ("山田 太郎 さん", None, False, "山田 太郎 様"),
        ("佐藤先生", "person", False, "佐藤 先生"),
        ("佐藤 花子", "person", True, "佐藤 花子 先生"),
        ("株式会社絆", "company", False, "株式会社絆 御中"),
        ("株式会社絆 御中", "company", False, "株式会社絆 御中"),
        ("株式会社絆様", "company", True, "株式会社絆 御中"),
        ("お花屋さん", "company", False, "お花屋さん 御中"),
        ("様", "person", False, "様 様"),
        ("", "person", False, ""),
    ],
)
def test_japanese_names_are_addressed_once(
    name: str, kind: str | None, teacher: bool, said: str
) -> None:
    assert salutation(name, kind, "ja", teacher=teacher) == said


def test_in_english_a_name_stands_alone() -> None:
    assert salutation("Acme Inc.", "company", "en") == "Acme Inc."


@pytest.mark.parametrize(
    ("name", "kind", "found"),
    [
        ("山田　太郎様", "person", "山田"),
        ("山田太郎", "person", ""),
        ("Taro Yamada", "person", ""),
        ("絆 商店", "company", ""),
    ],
)
def test_a_family_name_is_known_where_the_name_is_written_in_parts(
    name: str, kind: str, found: str
) -> None:
    assert family_name(name, kind) == found
