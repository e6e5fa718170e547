"""The words of the page cover all that the reader of files may say."""

from __future__ import annotations

from kizuna.jobs.door import REASON as AT_THE_DOOR
from kizuna.pipeline.capture import reasons
from kizuna.pipeline.capture.columns import SYNONYMS
from kizuna.pipeline.capture.notes import TEXTS
from kizuna.pipeline.capture.standard import reasons as standard
from kizuna.pipeline.capture.standard.specs import SPECS
from kizuna.web.capture.imports import parts, wording


def test_every_reason_part_and_note_has_words() -> None:
    known = reasons.REASONS.keys() | standard.REASONS.keys() | {AT_THE_DOOR}
    assert wording.REASONS.keys() == known
    assert wording.LABELS.keys() == SYNONYMS.keys()
    assert wording.NOTES.keys() == TEXTS.keys() - {"same_file"}, "one file is read at a time"


def test_every_part_of_every_table_and_every_word_for_it_has_a_label() -> None:
    known = {part.name for spec in SPECS.values() for part in spec.parts}
    assert parts.WORDS.keys() == known
    words = {word for spec in SPECS.values() for part in spec.parts for word in part.choices}
    assert parts.VALUES.keys() == words
