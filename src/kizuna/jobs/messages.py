"""Sentences with values, said in the reader's language at the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kizuna.report.language import Language
from kizuna.report.names import sentence, words

__all__ = ["Message", "words"]


@dataclass(frozen=True, slots=True)
class Message:
    """An English sentence with named placeholders; `mood` "serious" puts it first."""

    message: str
    values: dict[str, Any] = field(default_factory=dict)
    mood: str = "caution"

    def said(self, say: Language) -> str:
        """Say it in a language."""
        return sentence(say, self.message, self.values)

    def record(self) -> dict[str, Any]:
        """Give what the report says it from."""
        return {"message": self.message, "values": self.values, "mood": self.mood}
