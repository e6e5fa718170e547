"""A survey within a message: its question as the script writes it, and what comes back.

The survey's own rules hold: its chance, its pace over all surveys, its waves.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from kizuna.web.accounts.queries import organisation
from kizuna.web.act.on_site.models import Message, Showing
from kizuna.web.act.surveys import queries
from kizuna.web.act.surveys.models import Question, QuestionKind, State, Survey
from kizuna.web.act.surveys.replies import name_of
from kizuna.web.act.surveys.services import answering
from kizuna.web.act.surveys.services.answering import ClosedError, IncompleteError
from kizuna.web.act.surveys.services.asking import asked_here, has_room_here
from kizuna.web.capture.consents.queries import sender

FIRST = "q1"


def askable() -> QuerySet[Survey]:
    """Give the surveys whose first question is answered by one press, and that need no other."""
    others = Question.objects.filter(is_required=True, number__gt=1).values("survey")
    firsts = Question.objects.filter(number=1).exclude(kind=QuestionKind.TEXT).values("survey")
    kept = Survey.objects.filter(pk__in=firsts).exclude(pk__in=others)
    return kept.exclude(state=State.CLOSED).order_by("name")


def has_room(message: Message, who: str, at: datetime) -> bool:
    """Whether a survey may be asked of a visitor; a message without one has room."""
    survey = message.survey
    return survey is None or has_room_here(survey=survey, customer_id=who, at=at)


def hers(survey: Survey, who: str, at: datetime) -> QuerySet[Showing]:
    """Give how the asking of a visitor in this wave was shown, by whichever message."""
    mine = asked_here(survey=survey, customer_id=who, at=at)
    return Showing.objects.filter(ask=mine) if mine else Showing.objects.none()


def question_of(survey: Survey, language: str) -> dict[str, Any] | None:
    """Give what the script asks, in a language; None where there is nothing to press."""
    with override("ja" if language.startswith("ja") else "en"):
        asked = queries.questions(survey.pk)
        if not asked or asked[0].kind == QuestionKind.TEXT:
            return None
        return _shown(asked[0], _reason(asked))


def take(*, showing: Showing, reply: str, words: str) -> bool:
    """Take an answer; False where the survey takes none, or offers none like it."""
    ask = showing.ask
    if ask is None:
        return False
    said = {FIRST: reply}
    if (reason := _reason(queries.questions(ask.survey_id))) is not None:
        said[name_of(reason)] = words
    try:
        answering.answer_to(ask=ask, said=said)
    except (ClosedError, IncompleteError):
        return False
    return True


def _reason(asked: Sequence[Question]) -> Question | None:
    """Give the question that words may be written to."""
    return next((one for one in asked[1:] if one.kind == QuestionKind.TEXT), None)


def _shown(first: Question, reason: Question | None) -> dict[str, Any]:
    numbers = [[str(n), str(n)] for n in first.scale]
    company = sender().legal_name or organisation().name
    return {
        "question": first.text,
        "options": numbers or [list(one) for one in first.choices],
        "ends": first.ends if numbers and len(first.ends) == 2 else [],
        "reason": reason.text if reason else "",
        "optional": _("(optional)"),
        "note": _(
            "Your answer is seen by %(company)s together with who you are, where that is known."
        )
        % {"company": company},
        "send": _("Send"),
        "thanks": _("Thank you. Your answer has arrived."),
        "failed": _("Your answer could not be sent. Please try again."),
    }
