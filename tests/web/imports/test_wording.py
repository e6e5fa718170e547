"""The words of the page cover all that the reader of files may say."""

from __future__ import annotations

from kizuna.pipeline.capture import reasons
from kizuna.pipeline.capture.columns import SYNONYMS
from kizuna.pipeline.capture.notes import TEXTS
from kizuna.web.capture.imports import wording


def test_every_reason_part_and_note_has_words() -> None:
    assert wording.REASONS.keys() == reasons.REASONS.keys()
    assert wording.LABELS.keys() == SYNONYMS.keys()
    assert wording.NOTES.keys() == TEXTS.keys() - {"same_file"}, "one file is read at a time"
