"""Whom an erasure is about: her keys, what else names her, and every way in which it is written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

INSTEAD = "[erased]"
SHORTEST = 6
"""A shorter name stands in too many words to be taken out of them."""
LEAST_DIGITS = 9
"""Fewer digits are no telephone number that is hers alone."""
JAPAN = "81"
BETWEEN = r"[-‐‑–−ー－.()（）\s　]{0,3}"
BETWEEN_BYTES = rb"[-.()\s\x00]{0,5}"
KEYS = "(?:customer|user|anonymous|previous|group|account|person|survivor|loser|parent)_?(?:id|key)"
"""How JSON calls the key of somebody: there a short key, too, is known to be one."""


@dataclass(frozen=True)
class Subject:
    """Who: the keys that are hers alone, and texts that name her wherever they stand."""

    ids: tuple[str, ...]
    texts: tuple[str, ...] = ()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All that names her, the longest first."""
        return tuple(sorted({*self.ids, *self.texts}, key=lambda text: (-len(text), text)))

    @cached_property
    def distinct(self) -> tuple[str, ...]:
        """What names her within a longer text too."""
        return tuple(text for text in self.names if len(text) >= SHORTEST)

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """Patterns of her telephone numbers, whatever stands between their digits."""
        return tuple(dict.fromkeys(filter(None, map(number_pattern, self.texts))))

    @cached_property
    def keyed(self) -> str:
        """Pattern of her short keys where JSON says that they are keys; '' where she has none."""
        short = [re.escape(key) for key in self.ids if key and len(key) < SHORTEST]
        return rf'"{KEYS}"\s*:\s*"(?:{"|".join(short)})"' if short else ""

    @cached_property
    def pattern(self) -> str:
        """Pattern of all that names her within a longer text, her short keys apart."""
        return "|".join([*map(re.escape, self.distinct), *self.numbers])

    @cached_property
    def bytes_pattern(self) -> re.Pattern[bytes] | None:
        """Find her in the bytes of a file, in the encodings that files of ours come in."""
        needles = [
            re.escape(text.encode(encoding, "ignore"))
            for text in self.distinct
            for encoding in ("utf-8", "cp932", "utf-16-le")
        ]
        needles += [_in_bytes(core) for text in self.texts if (core := significant(text))]
        needles += [self.keyed.encode()] if self.keyed else []
        found = b"|".join(dict.fromkeys(filter(None, needles)))
        return re.compile(found, re.IGNORECASE) if found else None

    @cached_property
    def longest(self) -> int:
        """Bytes that what names her may take in a file."""
        return 4 * max((len(text) for text in self.names), default=1) + 200

    def without(self, text: str) -> str:
        """Take all that names her out of a text."""
        for pattern, instead in self.replacements:
            text = re.sub(pattern, instead, text, flags=re.IGNORECASE)
        return text

    @cached_property
    def replacements(self) -> tuple[tuple[str, str], ...]:
        """Patterns, and what is put in their place."""
        found = ((self.pattern, INSTEAD), (self.keyed, f'"erased": "{INSTEAD}"'))
        return tuple((pattern, instead) for pattern, instead in found if pattern)


def joined(several: Iterable[Subject]) -> Subject:
    """Make one subject of several, so that a table is gone through once."""
    found = list(several)
    ids = dict.fromkeys(key for one in found for key in one.ids)
    return Subject(tuple(ids), tuple(dict.fromkeys(text for one in found for text in one.texts)))


def significant(text: str) -> str:
    """Give the digits of a telephone number behind the country or the leading zero, or ''."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if not re.fullmatch(r"\+?[\d\s().‐‑–−ー-]+", plain):
        return ""
    digits = re.sub(r"\D", "", plain)
    if digits.startswith(JAPAN) and len(digits) > LEAST_DIGITS + 1:
        digits = digits.removeprefix(JAPAN)
    core = digits.lstrip("0")
    return core if len(core) >= LEAST_DIGITS else ""


def number_pattern(text: str) -> str:
    """Give a pattern of a telephone number: +81 90…, 090-…, full-width digits; '' of other texts.

    It is written for every engine that searches: DuckDB, DataFusion, Python, PostgreSQL.
    """
    core = significant(text)
    if not core:
        return ""
    digits = BETWEEN.join(f"[{digit}{chr(ord(digit) + 0xFEE0)}]" for digit in core)
    return rf"[(（]?(?:[+＋]?[8８][1１]{BETWEEN})?(?:[0０]{BETWEEN})?{digits}"


def _in_bytes(core: str) -> bytes:
    return BETWEEN_BYTES.join(digit.encode() for digit in core)
