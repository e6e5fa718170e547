"""Japanese is complete: every message that can be said has its translation."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from kizuna.report.language import catalogue
from report.messages import used

MESSAGES = sorted(used())
SAME_IN_BOTH = {"RMSE", "MAE"}
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def placeholders(message: str) -> set[str]:
    """Names in braces."""
    return {name for _, name, _, _ in Formatter().parse(message) if name}


def test_every_message_has_a_japanese_translation() -> None:
    assert [message for message in MESSAGES if message not in catalogue("ja")] == []


def test_a_message_without_a_translation_would_be_found() -> None:
    assert "Nobody has translated this" not in catalogue("ja")
    assert len(MESSAGES) > 250


def test_a_translation_fills_the_same_placeholders() -> None:
    pairs = [(message, catalogue("ja")[message]) for message in MESSAGES]
    assert [m for m, said in pairs if placeholders(m) != placeholders(said)] == []


def test_translations_are_japanese() -> None:
    english = [
        message
        for message in MESSAGES
        if re.search(r"[A-Za-z]{3}", re.sub(r"%?\{\w+\}", "", message))
        and not JAPANESE.search(catalogue("ja")[message])
    ]
    assert set(english) <= SAME_IN_BOTH


def test_a_language_without_a_catalogue_is_refused() -> None:
    with pytest.raises(FileNotFoundError):
        catalogue("fr")


def test_no_translation_is_left_of_a_message_that_nobody_says() -> None:
    assert set(catalogue("ja")) - set(MESSAGES) == set()
