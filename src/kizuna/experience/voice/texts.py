"""Text as people write it, made comparable: one width, small letters, cut into clauses."""

from __future__ import annotations

import re
import unicodedata

CUT = re.compile(
    r"[。．！？!?;\n…]+|\.(?=\s|$)|(?<=[がけどのに])、|ですが|ますが|ましたが|ものの|けれども?|けど"
    r"|,?\s*\b(?:but|however|although|though|yet)\b\s*,?"
)
"""Where a writer turns: the end of a sentence, or a 'but'."""


def normalised(text: str) -> str:
    """Write full and half width alike (NFKC), small letters, single spaces and one apostrophe."""
    plain = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    return re.sub(r"[^\S\n]+", " ", plain).strip()


def clauses(text: str) -> list[str]:
    """Cut a text into the parts that may differ in mood; never into nothing."""
    return [part.strip() for part in CUT.split(normalised(text)) if part and part.strip()]
