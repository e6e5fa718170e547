"""Bringing in a survey whose waves began before it was known here: whom they asked, who answered.

Nobody is written to, and no low answer is told to playbooks, for what could be done then is over.
Answers come into the tables as any others do. Who was held out must be so by chance, as for any
action that is brought in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.experiments.assignment import CONTROL, TREATED
from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.act.actions import history as actions
from kizuna.web.act.actions.models import Kind
from kizuna.web.act.surveys.models import Answer, Ask, Standing, Survey, Wave, Why
from kizuna.web.act.surveys.services import designing
from kizuna.web.capture.consents.queries import erased

A_BATCH = 500


@dataclass(frozen=True, slots=True)
class Answered:
    """What a customer answered to the first question, and in words."""

    at: datetime
    score: int
    comment: str = ""


@dataclass(frozen=True, slots=True)
class PastWave:
    """A wave: when it asked, customer → why not (empty: asked), customer → answer."""

    opened_at: datetime
    asked: Mapping[str, str]
    answers: Mapping[str, Answered] = field(default_factory=dict)


def bring_in(
    *,
    actor: Person,
    survey: Survey,
    salt: str,
    waves: Sequence[PastWave],
    why: str = "",
    request: HttpRequest | None = None,
) -> Survey:
    """Open a draft with waves of the past, the first of them first; all at once, or nothing.

    Raises
    ------
    designing.RefusedError
        Where it is no draft, asks nothing, or its waves overlap or lie ahead.

    """
    from kizuna.web.act.surveys.tasks import tell_answers

    if not actor.may(Role.MANAGER):
        raise PermissionDenied
    with transaction.atomic():
        _check(waves, survey)
        actions.bring_in(
            actor=actor, action=survey.action, past=_past(survey, salt, waves), why=why
        )
        opened = designing.open_up(actor=actor, pk=survey.pk, request=request)
        for number, wave in enumerate(waves, start=1):
            _wave(opened, number, wave)
        tell_answers.enqueue()
        audit(
            actor=actor,
            action="act.survey.brought_in",
            target=str(opened),
            after={"waves": len(waves), "asked": sum(len(wave.asked) for wave in waves)},
            request=request,
        )
    return opened


def _check(waves: Sequence[PastWave], survey: Survey) -> None:
    """Refuse waves that overlap or lie ahead, and answers of those who were not asked."""
    ends = [*(wave.opened_at for wave in waves[1:]), timezone.now()]
    for wave, end in zip(waves, ends, strict=True):
        asked = {who for who, why in wave.asked.items() if not why}
        closes = min(end, wave.opened_at + timedelta(days=survey.open_days))
        said = wave.answers.values()
        if wave.opened_at >= end or set(wave.answers) - asked:
            raise designing.RefusedError("not_the_past")
        if any(not wave.opened_at <= one.at <= closes for one in said):
            raise designing.RefusedError("not_the_past")


def _past(survey: Survey, salt: str, waves: Sequence[PastWave]) -> actions.Past:
    """Say whom chance placed where, when a wave first came to her, and what was done."""
    placed: dict[str, actions.Was] = {}
    done = []
    for number, wave in enumerate(waves, start=1):
        for who, why in wave.asked.items():
            arm = CONTROL if why == Why.HELD_OUT else TREATED
            placed.setdefault(who, actions.Was(who, wave.opened_at, arm, str(survey)))
            if not why:
                key = f"survey:{survey.pk}:{number}:{who}"
                done.append(actions.Done(key, who, Kind.SURVEY, wave.opened_at))
    started = timezone.localdate(waves[0].opened_at)
    return actions.Past(salt, started, None, list(placed.values()), done)


def _wave(survey: Survey, number: int, past: PastWave) -> None:
    """Keep a wave with whom it asked, but for those who were erased since."""
    gone = erased(sorted(past.asked))
    wave = Wave.objects.create(
        survey=survey,
        number=number,
        opened_at=past.opened_at,
        closes_at=past.opened_at + timedelta(days=survey.open_days),
        asked_at=past.opened_at,
        asks_everyone=True,
    )
    asks = [_ask(wave, who, why) for who, why in past.asked.items() if who not in gone]
    made = Ask.objects.bulk_create(asks, batch_size=A_BATCH)
    answers = [
        _answer(ask, past.answers[ask.customer_id])
        for ask in made
        if ask.customer_id in past.answers
    ]
    Answer.objects.bulk_create(answers, batch_size=A_BATCH)


def _ask(wave: Wave, customer_id: str, why: str) -> Ask:
    return Ask(
        survey=wave.survey,
        wave=wave,
        customer_id=customer_id,
        unique_key=f"wave:{wave.pk}:{customer_id}",
        state=Standing.NOT_ASKED if why else Standing.SENT,
        why=why,
        made_at=wave.opened_at,
        sent_at=None if why else wave.opened_at,
    )


def _answer(ask: Ask, said: Answered) -> Answer:
    limit = ask.survey.low_at
    low = limit is not None and said.score <= limit
    replies = {"1": said.score} | ({"2": said.comment} if said.comment else {})
    return Answer(
        ask=ask,
        survey=ask.survey,
        customer_id=ask.customer_id,
        score=said.score,
        comment=said.comment,
        replies=replies,
        is_low=low,
        was_low=low,
        answered_at=said.at,
        changed_at=said.at,
    )
