"""Give each run whom surveys were sent to, and the answers to further questions."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from django.utils import timezone

from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema
from kizuna.web.act.surveys import mailing
from kizuna.web.act.surveys.models import Answer, Ask, Question, QuestionKind, Standing


def give_surveys(store: Store) -> None:
    """Write them to the store, where they have changed."""
    mailing.follow()
    for name, rows in (("survey_asks", asks()), ("survey_replies", replies())):
        table = pa.Table.from_pylist(rows, schema=arrow_schema(name))
        if name not in store.names():
            if rows:
                store.write(name, table)
        elif not store.read(name).equals(table):
            store.write(name, table)


def asks() -> list[dict[str, Any]]:
    """Give whom surveys were sent to."""
    sent = Ask.objects.filter(state=Standing.SENT).select_related("survey", "wave")
    return [
        {
            "ask_no": one.pk,
            "survey_no": one.survey_id,
            "wave_no": one.wave.number,
            "customer_id": one.customer_id,
            "kind": one.survey.kind,
            "asked_on": timezone.localdate(one.sent_at),
            "response_id": one.response_id,
        }
        for one in sent.order_by("pk").iterator(2_000)
    ]


def replies() -> list[dict[str, Any]]:
    """Give the answers to questions that have a scale or choices."""
    counted = {
        (q.survey_id, str(q.number)) for q in Question.objects.exclude(kind=QuestionKind.TEXT)
    }
    kept = Answer.objects.select_related("ask__wave").order_by("ask_id")
    return [
        {
            "ask_no": one.ask_id,
            "question_no": int(number),
            "survey_no": one.survey_id,
            "wave_no": one.ask.wave.number,
            "customer_id": one.customer_id,
            "reply": str(reply),
        }
        for one in kept.iterator(2_000)
        for number, reply in sorted(one.replies.items())
        if (one.survey_id, number) in counted
    ]
