"""Words of a text. Japanese by SudachiPy (mode C, normalised forms) where the extra is installed.

Without it a Japanese text is its pairs and triples of characters: good enough to learn from, too
poor to name a theme with, so that nothing is proposed then.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable
from functools import cache
from typing import Any, Literal

from kizuna.experience.voice.texts import normalised

type Reader = Literal["words", "pieces"]

KEPT = {"名詞", "動詞", "形容詞", "形状詞"}
DROPPED = {"数詞", "非自立可能", "助動詞語幹"}
ENGLISH = re.compile(r"[a-z][a-z']+")
JAPANESE = re.compile(r"[\u3041-\u30ff\u3400-\u9fff々ー]+")
SILENT = (
    "the and for that this with was were are is be been it its to of in on at as an my your our "
    "you we they he she him her them me us or so if do did does done has have had from by about "
    "there here very just can could will would i'm it's am not no again"
)
STOP = frozenset(SILENT.split())


def reader() -> Reader:
    """Tell how texts are read here: by words, or without the extra by pieces of characters."""
    there = all(importlib.util.find_spec(name) for name in ("sudachipy", "sudachidict_core"))
    return "words" if there else "pieces"


def tokens(text: str, how: Reader) -> list[str]:
    """Give the words, or pieces, that a text is compared by."""
    plain = normalised(text)
    english = [word for word in ENGLISH.findall(plain) if word not in STOP]
    japanese = JAPANESE.findall(plain)
    read = _words if how == "words" else _pieces
    return english + [token for part in japanese for token in read(part)]


def _pieces(part: str) -> list[str]:
    return [part[i : i + n] for n in (2, 3) for i in range(len(part) - n + 1)]


def _words(part: str) -> list[str]:
    return [word for word, kinds in _analysed(part) if _tells(kinds)]


def _tells(kinds: tuple[str, ...]) -> bool:
    return kinds[0] in KEPT and not DROPPED.intersection(kinds)


def _analysed(part: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(m.normalized_form(), tuple(m.part_of_speech())) for m in _tokenizer()(part)]


@cache
def _tokenizer() -> Callable[[str], Any]:
    from sudachipy import Dictionary, SplitMode

    read = Dictionary().tokenizer()
    return lambda text: read.tokenize(text, SplitMode.C)
