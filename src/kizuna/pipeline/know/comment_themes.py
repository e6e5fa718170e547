"""What each comment is about: what a person confirmed, else the learner in use, else the words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from kizuna.experience.voice.dictionary import OTHER, Dictionary, mood_of_theme, whole_mood
from kizuna.experience.voice.learner import ThemeLearner
from kizuna.experience.voice.tokens import tokens
from kizuna.pipeline.know.voice_model import learners_of
from kizuna.pipeline.know.voice_themes import dictionary_of
from kizuna.pipeline.tables import arrow_schema

if TYPE_CHECKING:
    from kizuna.pipeline.parameters import Run

type Found = dict[str, str]
"""Theme → who found it."""


def comment_themes(
    comments: pa.Table,
    comment_labels: pa.Table,
    voice_model: pa.Table,
    voice_themes: pa.Table,
    *,
    run: Run,
) -> pa.Table:
    """A row for each theme of each comment; one of `other` where there is none."""
    reading = _Reading(dictionary_of(voice_themes), learners_of(voice_model))
    said: dict[str, Mapping[str, bool]] = {}
    for row in comment_labels.to_pylist():
        said[row["comment_id"]] = {**said.get(row["comment_id"], {}), row["theme"]: row["holds"]}
    known: dict[str, Found] = {}
    rows = []
    for row in comments.to_pylist():
        text = row["text"]
        found = known.get(text)
        if found is None:
            found = known[text] = reading.found(text)
        kept = {name: row[name] for name in ("customer_id", "comment_id", "said_on", "recent")}
        for theme, by in confirmed(found, said.get(row["comment_id"], {})).items():
            rows.append({**kept, "theme": theme, "mood": reading.mood(theme, text), "found_by": by})
    return pa.Table.from_pylist(rows, schema=arrow_schema("comment_themes"))


def confirmed(found: Found, said: Mapping[str, bool]) -> Found:
    """Let the word of a person stand above what was found."""
    themes = {theme: by for theme, by in found.items() if said.get(theme, True)}
    themes |= {theme: "person" for theme, holds in said.items() if holds and theme != OTHER}
    if len(themes) > 1:
        themes.pop(OTHER, None)
    return themes or {OTHER: "person" if said else "words"}


@dataclass(frozen=True, slots=True)
class _Reading:
    """How texts are read: by words, and by the learners in use."""

    dictionary: Dictionary
    learners: Mapping[str, ThemeLearner]

    def found(self, text: str) -> Found:
        """Give the themes of a text; `other` alone where there is none."""
        words = self.dictionary.keys(text) - self.learners.keys()
        found = dict.fromkeys(sorted(words), "words") | dict(self._learned(text))
        return found or {OTHER: "words"}

    def mood(self, theme: str, text: str) -> str:
        """Give the mood in which a text speaks of a theme."""
        if theme == OTHER:
            return whole_mood(text)
        known = next((t for t in self.dictionary.themes if t.key == theme), None)
        return mood_of_theme(known, text)

    def _learned(self, text: str) -> Iterator[tuple[str, str]]:
        words = tokens(text, next(iter(self.learners.values())).reader) if self.learners else []
        for theme, learner in self.learners.items():
            if learner.probability_of(words) >= 0.5:
                yield theme, "learned"
