"""Bringing answers into the tables: durably through the inbox, each exactly once.

An answer is in the records before it is in the inbox. A worker that dies between the two brings it
again under the same id and version, of which the tables keep one.
"""

from __future__ import annotations

import json
from contextlib import closing
from datetime import datetime

from django.db.models import F
from django.utils import timezone

from kizuna.jobs.drain import ANSWERS
from kizuna.pipeline.capture import answers
from kizuna.web.act.surveys.models import Answer, Question
from kizuna.web.capture.inbox import Arrival, open_inbox

A_PART = 500


def tell() -> int:
    """Put answers that the tables do not know yet into the inbox; give how many."""
    told = 0
    while part := _part():
        now = timezone.now()
        body = answers.body_of([_row(one, now) for one in part])
        with closing(open_inbox()) as inbox:
            inbox.append([Arrival(now, 0, ANSWERS, body)])
        for one in part:
            # one that was changed meanwhile is still to be told
            Answer.objects.filter(pk=one.pk, told__lt=one.version).update(told=one.version)
        told += len(part)
    return told


def _part() -> list[Answer]:
    found = Answer.objects.filter(told__lt=F("version")).select_related("ask__wave", "survey")
    return list(found.order_by("pk")[:A_PART])


def _row(one: Answer, now: datetime) -> answers.Answer:
    first = _first(one.survey_id)
    others = {k: v for k, v in one.replies.items() if k != "1" or one.score is None}
    custom = {"wave": one.ask.wave.number, "replies": others}
    is_scale = first is not None and one.score is not None
    return answers.Answer(
        response_id=one.ask.response_id,
        customer_key=one.customer_id,
        answered_at=one.changed_at,
        survey=one.survey.name,
        kind=one.survey.kind,
        score=None if one.score is None else float(one.score),
        scale_low=float(first.low or 0) if first is not None and is_scale else None,
        scale_high=float(first.high or 0) if first is not None and is_scale else None,
        comment=one.comment or None,
        custom=json.dumps(custom, ensure_ascii=False, sort_keys=True),
        version=one.version,
        received_at=now,
        row_no=0,
    )


def _first(survey_id: int) -> Question | None:
    return Question.objects.filter(survey=survey_id, number=1, kind="scale").first()
