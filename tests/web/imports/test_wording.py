"""The words of the page cover all that the reader of files may say."""

from __future__ import annotations

from django.utils import translation

from kizuna.pipeline.capture import reasons
from kizuna.pipeline.capture.columns import SYNONYMS
from kizuna.pipeline.capture.notes import TEXTS
from kizuna.web.capture.imports import wording


def test_every_reason_part_and_note_has_words() -> None:
    assert wording.REASONS.keys() == reasons.REASONS.keys()
    assert wording.LABELS.keys() == SYNONYMS.keys()
    assert wording.NOTES.keys() == TEXTS.keys() - {"same_file"}, "one file is read at a time"


def test_options_of_the_command_are_named_as_on_the_page() -> None:
    sentence = "no column looks like the amount: name it with --amount; the columns are a, b"
    with translation.override("en"):
        assert "--" not in wording.problem(sentence)
        assert "name it with Amount" in wording.problem(sentence)
