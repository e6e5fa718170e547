"""Warnings: what a reader must know before trusting a number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from kizuna.report.blocks import Note, Section
from kizuna.report.material import Material
from kizuna.report.names import sentence

type Sentence = str | Mapping[str, Any]


def section(m: Material) -> Section:
    """List the warnings, the most serious first."""
    notes = all_notes(m)
    title = m.say("Notes and warnings")
    if not notes:
        notes = [Note("good", m.say("Nothing else stood out in the data or in the fit."))]
    return Section("notes", title, blocks=tuple(notes))


def biggest(m: Material) -> Note | None:
    """Most serious warning that the findings do not tell already."""
    told = [as_note(m, warning) for warning in m.get("warnings") or () if not _told(warning)]
    return next(iter(sorted(told, key=_order)), None)


def all_notes(m: Material) -> list[Note]:
    """Warnings as notes, the serious before the rest, else in the order given."""
    return sorted((as_note(m, warning) for warning in m.get("warnings") or ()), key=_order)


def as_note(m: Material, warning: Sentence) -> Note:
    """Write one warning: a sentence, or a mapping of `message`, `values` and `mood`."""
    serious = isinstance(warning, Mapping) and warning.get("mood") == "serious"
    return Note("serious" if serious else "caution", text_of(m, warning))


def text_of(m: Material, sentence_or_parts: Sentence) -> str | Markup:
    """Say a sentence, ready or in parts: an English `message` with `values` for its placeholders.

    What the catalogue does not have stays English, and is marked so for those who hear the page.
    """
    if isinstance(sentence_or_parts, str):
        message, values = sentence_or_parts, {}
    else:
        message = str(sentence_or_parts.get("message", ""))
        values = dict(sentence_or_parts.get("values") or {})
    if m.say.knows(message):
        return sentence(m.say, message, values)
    english = message.format(**values) if values else message
    return Markup('<span lang="en">{}</span>').format(english)


def _told(warning: Sentence) -> bool:
    return isinstance(warning, Mapping) and str(warning.get("message", "")).startswith(
        ("A simple rule,", "BG/NBD says")
    )


def _order(note: Note) -> bool:
    return note.mood != "serious"
