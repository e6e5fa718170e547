"""What came from a form becomes replies, or what is wrong with it; nothing is written here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kizuna.web.act.surveys.models import Question, QuestionKind

LONGEST = 5_000
MISSING = _("Please choose an answer.")
MISSING_WORDS = _("Please write something.")
TOO_LONG = _("Please use at most 5,000 characters.")

type Reply = int | str


@dataclass(frozen=True, slots=True)
class Replies:
    """Replies by number of the question, and what is wrong, by number as well."""

    given: dict[int, Reply] = field(default_factory=dict)
    wrong: dict[int, str | Promise] = field(default_factory=dict)

    @property
    def score(self) -> int | None:
        """The number given to the first question."""
        first = self.given.get(1)
        return first if isinstance(first, int) else None

    def comment(self, questions: Sequence[Question]) -> str:
        """All that was said in words."""
        texts = [q.number for q in questions if q.kind == QuestionKind.TEXT]
        return "\n".join(str(self.given[n]) for n in texts if n in self.given)


def name_of(question: Question) -> str:
    """Name a question in the form."""
    return f"q{question.number}"


def read(questions: Sequence[Question], said: Mapping[str, str]) -> Replies:
    """Read a form; what no question offers is no answer."""
    found = Replies()
    for question in questions:
        reply = offered(question, said.get(name_of(question), ""))
        if isinstance(reply, str) and len(reply) > LONGEST:
            found.wrong[question.number] = TOO_LONG
        elif reply is not None:
            found.given[question.number] = reply
        elif question.is_required:
            is_text = question.kind == QuestionKind.TEXT
            found.wrong[question.number] = MISSING_WORDS if is_text else MISSING
    return found


def offered(question: Question, said: str) -> Reply | None:
    """Give what was said, where the question offers it."""
    text = said.replace("\0", "").strip()
    if question.kind == QuestionKind.SCALE:
        known = {str(number): number for number in question.scale}
        return known.get(text)
    if question.kind == QuestionKind.CHOICE:
        return text if text in [key for key, _label in question.choices] else None
    return text or None
