"""Taking an answer: by the customer's own press, once a wave, changed as long as it is open."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from kizuna.web.act.gate.checks import VISITOR
from kizuna.web.act.surveys.hooks import LOW_ANSWER_HOOKS, LowAnswer
from kizuna.web.act.surveys.links import ASKED, NoLinkError, opened
from kizuna.web.act.surveys.models import Answer, Ask, Question, Standing, State
from kizuna.web.act.surveys.replies import Replies, read
from kizuna.web.capture.identities.queries import customer_of


class ClosedError(Exception):
    """Raised where answers are taken no more."""


class IncompleteError(Exception):
    """Raised where something is missing or wrong.

    Attributes
    ----------
    replies : what was given, and what is wrong with it.

    """

    def __init__(self, replies: Replies) -> None:
        super().__init__("incomplete")
        self.replies = replies


def asked_by(token: str) -> Ask:
    """Find whom a link was for.

    Raises
    ------
    NoLinkError
        Where it is none of ours, or the customer was erased or never asked.

    """
    kind, number = opened(token)
    asks = Ask.objects.select_related("survey", "wave", "answer")
    found = asks.filter(pk=number).exclude(state=Standing.NOT_ASKED).first()
    if kind != ASKED or found is None:
        raise NoLinkError
    return found


def open_until(ask: Ask) -> datetime:
    """Give the moment until which an answer can be given and changed."""
    return (ask.sent_at or ask.made_at) + timedelta(days=ask.survey.open_days)


def is_open(ask: Ask, now: datetime) -> bool:
    """Tell whether an answer is taken now."""
    return ask.survey.state == State.OPEN and now < open_until(ask)


def answer(*, token: str, said: Mapping[str, str]) -> Answer:
    """Take what a customer sent; sent again unchanged, nothing changes.

    Raises
    ------
    NoLinkError
        Where the link is none.
    ClosedError
        Where it comes too late.
    IncompleteError
        Where an answer is missing.

    """
    return answer_to(ask=asked_by(token), said=said)


def answer_to(*, ask: Ask, said: Mapping[str, str]) -> Answer:
    """Take what a customer answered to an asking that is known to be hers.

    Raises
    ------
    ClosedError
        Where it comes too late.
    IncompleteError
        Where an answer is missing.

    """
    from kizuna.web.act.surveys.tasks import tell_answers

    replies = read(list(ask.survey.questions.order_by("number")), said)
    if replies.wrong or not replies.given:
        raise IncompleteError(replies)
    with transaction.atomic():
        now = timezone.now()
        # whoever presses twice at once waits here for herself
        held = Ask.objects.select_for_update(of=("self",)).select_related("survey").get(pk=ask.pk)
        if not is_open(held, now):
            raise ClosedError
        made = _keep(held, replies, now)
        tell_answers.enqueue()
    return made


def _keep(ask: Ask, replies: Replies, now: datetime) -> Answer:
    questions: list[Question] = list(ask.survey.questions.order_by("number"))
    values = {
        "score": replies.score,
        "comment": replies.comment(questions),
        "replies": {str(number): reply for number, reply in replies.given.items()},
    }
    before = Answer.objects.filter(ask=ask).first()
    if before is not None and all(getattr(before, k) == v for k, v in values.items()):
        return before
    kept = before or Answer(
        ask=ask, survey=ask.survey, customer_id=ask.customer_id, version=0, answered_at=now
    )
    for name, value in values.items():
        setattr(kept, name, value)
    kept.version, kept.changed_at = kept.version + 1, now
    _save(kept, ask)
    return kept


def _save(kept: Answer, ask: Ask) -> None:
    limit, was_low = ask.survey.low_at, kept.was_low
    kept.is_low = limit is not None and kept.score is not None and kept.score <= limit
    kept.was_low = was_low or kept.is_low
    kept.save()
    if kept.is_low and not was_low:
        _tell_low(kept, ask)


def _tell_low(kept: Answer, ask: Ask) -> None:
    """Tell of a low answer; of a visitor whom nobody knows there is nobody to tell of."""
    who = customer_of(ask.customer_id)
    if who.startswith(VISITOR):
        return
    said = LowAnswer(
        key=ask.response_id,
        customer_id=who,
        survey=ask.survey_id,
        survey_name=ask.survey.name,
        kind=ask.survey.kind,
        score=kept.score or 0,
        comment=kept.comment,
        at=kept.changed_at,
    )
    for hook in LOW_ANSWER_HOOKS:
        hook(said)
