"""Text as search compares it: width, case and kana make no difference."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

KATAKANA_OF = {code: code + 0x60 for code in range(0x3041, 0x3097)}
"""Hiragana to katakana."""


def folded(text: str) -> str:
    """Fold ＡＢＣ to abc, ｶﾅ and かな to カナ."""
    if text.isascii():
        return text.lower()
    return " ".join(map(_folded, text.split(" ")))


@lru_cache(100_000)
def _folded(text: str) -> str:
    """Fold a word; of names there are fewer than of people."""
    wide = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", wide).translate(KATAKANA_OF)
