"""Consent in words: what was said, what a file lacks, the tabs of the pages."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from kizuna.web.capture.consents.files import Read, UnreadableError
from kizuna.web.capture.consents.models import Basis, Consent, Status
from kizuna.web.capture.consents.services.recording import PROBLEMS, Outcome
from kizuna.web.ui.components import Tab

MOODS = {Status.GRANTED: "good", Status.DENIED: "serious", Status.WITHDRAWN: "serious"}
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Told:
    """A word, as its row shows it."""

    word: Consent
    mood: str
    about: str
    basis: str
    proof: list[tuple[str, str]]


def told(word: Consent) -> Told:
    """Put a word into a row."""
    basis = "" if word.basis == Basis.CONSENT else str(Basis(word.basis).label)
    proof = [(name, str(said)) for name, said in word.proof.items() if said not in ("", None)]
    return Told(word, MOODS[Status(word.status)], about(word), basis, proof)


def about(word: Consent) -> str:
    """Say to what a word was said."""
    parts = [
        word.purpose.name if word.purpose else _("everything but what was ordered"),
        word.get_channel_display() if word.channel else _("all channels"),
        word.topic.name if word.topic else "",
    ]
    return " · ".join(part for part in parts if part)


def unreadable(error: UnreadableError) -> str:
    """Say why a file cannot be read."""
    if error.missing:
        return _("These columns are missing: %(columns)s.") % {"columns": ", ".join(error.missing)}
    return _("It cannot be read as CSV (UTF-8 or CP932), or has more than 20,000 rows.")


def left_out(read: Read, outcome: Outcome) -> list[tuple[int, str]]:
    """Name the lines that were left out, and why."""
    refused = [(read.lines[number], code) for number, code in outcome.refused]
    found = sorted([*read.unreadable, *refused])
    return [(line, str(PROBLEMS[code])) for line, code in found]


def tabs(current: str) -> list[Tab]:
    """Give the pages on consent."""
    names = {
        "purposes": _("Purposes"),
        "sender": _("Sender"),
        "file": _("Bring in and hand out"),
    }
    return [
        Tab(label, reverse(f"consents:{name}"), name == current) for name, label in names.items()
    ]
