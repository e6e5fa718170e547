"""Text as search compares it: width, case and kana make no difference."""

from __future__ import annotations

import unicodedata

KATAKANA_OF = {code: code + 0x60 for code in range(0x3041, 0x3097)}
"""Hiragana to katakana."""


def folded(text: str) -> str:
    """Fold ＡＢＣ to abc, ｶﾅ and かな to カナ."""
    wide = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", wide).translate(KATAKANA_OF)
