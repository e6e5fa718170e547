"""Warnings: what a reader must know before trusting a number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from kizuna.report.blocks import Mood, Note, Section
from kizuna.report.material import Material

SERIOUS: frozenset[str] = frozenset({"serious", "error", "high"})


def section(m: Material) -> Section:
    """List the warnings, the most serious first."""
    notes = all_notes(m)
    title = m.say("Notes and warnings")
    if not notes:
        notes = [Note("good", m.say("Nothing stood out in the data or in the fit."))]
    return Section("notes", title, blocks=tuple(notes))


def worst(m: Material) -> Note | None:
    """First of the most serious warnings."""
    return next(iter(all_notes(m)), None)


def all_notes(m: Material) -> list[Note]:
    """Warnings as notes, the serious before the rest, else in the order given."""
    notes = [as_note(m, warning) for warning in m.get("warnings") or ()]
    return sorted(notes, key=lambda note: note.mood != "serious")


def as_note(m: Material, warning: str | Mapping[str, Any]) -> Note:
    """Write one warning: a sentence, or a mapping of `message`, `values` and `mood`.

    `message` is an English sentence with named placeholders. A sentence that the catalogue does
    not have stays English, and is marked as English for those who hear the page.
    """
    if isinstance(warning, str):
        return Note("caution", foreign(m, warning))
    message = str(warning.get("message") or warning.get("text") or "")
    mood: Mood = "serious" if warning.get("mood") in SERIOUS else "caution"
    if not m.say.knows(message):
        return Note(mood, foreign(m, str(warning.get("text") or message)))
    return Note(mood, m.say(message, **dict(warning.get("values") or {})))


def foreign(m: Material, sentence: str) -> str | Markup:
    """Translate a ready sentence, or mark it as English."""
    if m.say.knows(sentence):
        return m.say(sentence)
    return Markup('<span lang="en">{}</span>').format(sentence)
