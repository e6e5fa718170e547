"""Themes by a dictionary that people keep: seed words in Japanese and English.

A theme is found where one of its words stands: Japanese anywhere in the text (it has no spaces),
English as the beginning of a word, so that `deliver` finds `delivery`. The dictionary needs no
case and no training; it is wrong in ways that anyone can see and mend.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from kizuna.experience.voice.moods import Mood, mood_of, mood_of_all
from kizuna.experience.voice.texts import clauses, normalised

OTHER = "other"
"""What is about none of the themes."""


@dataclass(frozen=True)
class Theme:
    """A theme: its key, and the words that speak of it."""

    key: str
    words: tuple[str, ...]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What finds it in a text that is normalised."""
        return re.compile("|".join(map(_written, sorted(self.words, key=len, reverse=True))))


@dataclass(frozen=True, slots=True)
class Mention:
    """A theme that a text is about, its mood there, and the words that tell."""

    theme: str
    mood: Mood
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Themes in the order in which they are told."""

    themes: tuple[Theme, ...]

    def mentions(self, text: str) -> list[Mention]:
        """Give what a text is about, each theme once; `other` where it is about none."""
        parts = clauses(text)
        found = [m for theme in self.themes if (m := _mention(theme, parts, text)) is not None]
        return found or [Mention(OTHER, whole_mood(text), ())]

    def keys(self, text: str) -> frozenset[str]:
        """Name the themes that a text is about."""
        plain = normalised(text)
        return frozenset(theme.key for theme in self.themes if theme.pattern.search(plain))


def whole_mood(text: str) -> Mood:
    """Give the mood of a whole text."""
    return mood_of_all(mood_of(part) for part in clauses(text))


def mood_of_theme(theme: Theme | None, text: str) -> Mood:
    """Give the mood of the clauses about a theme; of all where no word says which these are."""
    parts = clauses(text)
    about = [part for part in parts if theme is not None and theme.pattern.search(part)]
    mood = mood_of_all(mood_of(part) for part in about or parts)
    # 'The flowers were nice. Thank you.': a clause without a mood takes that of its neighbours
    return whole_mood(text) if mood == "neutral" else mood


def _mention(theme: Theme, parts: Sequence[str], text: str) -> Mention | None:
    words = {found[0] for part in parts for found in theme.pattern.finditer(part)}
    if not words:
        return None
    return Mention(theme.key, mood_of_theme(theme, text), tuple(sorted(words)))


def _written(word: str) -> str:
    plain = normalised(word)
    return rf"\b{re.escape(plain)}" if plain.isascii() else re.escape(plain)
