"""Choose for each theme how it is found: by its words, or learned from what people confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from kizuna.experience.voice.dictionary import Dictionary
from kizuna.experience.voice.learner import (
    NEEDED,
    Accuracy,
    ThemeLearner,
    accuracy,
    cross_validated,
    enough,
)
from kizuna.experience.voice.tokens import reader, tokens
from kizuna.pipeline.know.voice_themes import dictionary_of
from kizuna.pipeline.tables import arrow_schema

if TYPE_CHECKING:
    from kizuna.pipeline.parameters import Run

NOTHING = Accuracy(None, None)


def voice_model(
    comments: pa.Table, comment_labels: pa.Table, voice_themes: pa.Table, *, run: Run
) -> pa.Table:
    """A row a theme of the dictionary."""
    dictionary = dictionary_of(voice_themes)
    texts = dict(zip(*(comments[c].to_pylist() for c in ("comment_id", "text")), strict=True))
    labels: dict[str, dict[str, bool]] = {theme.key: {} for theme in dictionary.themes}
    for row in comment_labels.to_pylist():
        if row["comment_id"] in texts and row["theme"] in labels:
            labels[row["theme"]][texts[row["comment_id"]]] = row["holds"]
    rows = [_row(key, labelled, dictionary) for key, labelled in labels.items()]
    return pa.Table.from_pylist(rows, schema=arrow_schema("voice_model"))


def _row(theme: str, labelled: Mapping[str, bool], dictionary: Dictionary) -> dict[str, Any]:
    about = np.array(list(labelled.values()), dtype=np.bool_)
    found = np.array([theme in dictionary.keys(text) for text in labelled], dtype=np.bool_)
    words = accuracy(found, about) if labelled else NOTHING
    learned, learner = _learned(labelled, words) if enough(about) else (NOTHING, None)
    return {
        "theme": theme,
        "labelled": len(labelled),
        "confirmed": int(about.sum()),
        "needed": max(NEEDED - int(about.sum()), 0) + max(NEEDED - int((~about).sum()), 0),
        "words_precision": words.precision,
        "words_recall": words.recall,
        "learned_precision": learned.precision,
        "learned_recall": learned.recall,
        "method": "words" if learner is None else "learned",
        "parameters": None if learner is None else learner.to_json(),
    }


def _learned(labelled: Mapping[str, bool], words: Accuracy) -> tuple[Accuracy, ThemeLearner | None]:
    """Learn a theme; no learner where it is not better than the words, or nothing can learn."""
    how = reader()
    texts = [tokens(text, how) for text in labelled]
    about = np.array(list(labelled.values()), dtype=np.bool_)
    try:
        learned = cross_validated(texts, about, how)
    except ImportError:  # without the extra the dictionary is all there is
        return NOTHING, None
    if learned.f1 <= words.f1:
        return learned, None
    return learned, ThemeLearner.fit(texts, about, how)


def learners_of(voice_model: pa.Table) -> dict[str, ThemeLearner]:
    """Give the learners that are in use, by theme."""
    rows = (row for row in voice_model.to_pylist() if row["parameters"])
    return {row["theme"]: ThemeLearner.from_json(row["parameters"]) for row in rows}
