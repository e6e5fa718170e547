"""Search compares text whatever its width, case and kana."""

from __future__ import annotations

import pytest

from kizuna.web.know.customers.folding import folded


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("ＡＢＣ商店", "abc商店"),
        ("ﾔﾏﾀﾞ", "ヤマダ"),
        ("やまだ", "ヤマダ"),
        ("STRASSE", "straße"),
        ("①号", "1号"),
    ],
)
def test_text_that_reads_alike_is_alike(typed: str, kept: str) -> None:
    assert folded(typed) == folded(kept)


def test_other_text_stays_apart() -> None:
    assert folded("山田") != folded("山本")
