"""Reads: surveys and their waves, who was asked, answers, and the published figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from kizuna.web.act.actions.models import Action
from kizuna.web.act.surveys.models import Answer, Ask, Pace, Question, Survey, Wave
from kizuna.web.capture.identities.queries import belonging, customer_of
from kizuna.web.know.publications.queries import Published, published
from kizuna.web.know.segments import queries as of_segments
from kizuna.web.ui.leafing import Leafing

type Row = dict[str, Any]

A_PAGE = 25


@dataclass(frozen=True, slots=True)
class Answers(Leafing):
    """A page of answers, the latest first."""

    items: Sequence[Answer]
    number: int
    has_next: bool


@dataclass(frozen=True, slots=True)
class Results:
    """The published figures of a survey: waves, parts of the latest one, replies by question."""

    state: Published
    waves: Sequence[Row]
    parts: Sequence[Row]
    choices: Sequence[Row]

    @property
    def latest(self) -> Row:
        """The wave that was asked last."""
        return self.waves[-1]


def surveys() -> QuerySet[Survey]:
    """Give all surveys with how many were sent and answered, the open ones first."""
    sent = Ask.objects.filter(survey=OuterRef("pk"), state="sent")
    answered, waves = (model.objects.filter(survey=OuterRef("pk")) for model in (Answer, Wave))
    counted = Survey.objects.annotate(
        sent=_count(sent), answered=_count(answered), last_wave=_count(waves)
    )
    return counted.order_by("-state", "name")


def _count(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().values("survey").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def survey(pk: int) -> Survey | None:
    """Find one."""
    return Survey.objects.filter(pk=pk).first()


def is_taken(name: str, *, but_for: int | None = None) -> bool:
    """Tell whether another survey, or anything else done to customers, has a name."""
    named = Action.objects.filter(name=name)
    return (named.exclude(survey=but_for) if but_for else named).exists()


def segments() -> list[tuple[int, str]]:
    """Offer the segments by name."""
    return [(one.pk, one.name) for one in of_segments.segments()]


def questions(survey_id: int) -> list[Question]:
    """Give the questions of a survey in their order."""
    return list(Question.objects.filter(survey=survey_id).order_by("number"))


def question(survey_id: int, number: int) -> Question | None:
    """Find one."""
    return Question.objects.filter(survey=survey_id, number=number).first()


def waves(survey_id: int) -> list[Wave]:
    """Give the waves, the latest first, with what became of asking."""
    counted = Wave.objects.filter(survey=survey_id).annotate(
        waiting=Count("asks", Q(asks__state="waiting")),
        sent=Count("asks", Q(asks__state="sent")) + F("past_sent"),
        not_asked=Count("asks", Q(asks__state="not_asked")) + F("past_not_asked"),
        answered=Count("asks", Q(asks__answer__isnull=False)) + F("past_answered"),
    )
    return list(counted.order_by("-number")[:50])


def reasons(survey_id: int) -> list[tuple[str, int]]:
    """Count why customers were not asked."""
    kept = Ask.objects.filter(survey=survey_id, state="not_asked").values_list("why")
    return list(kept.annotate(n=Count("pk")).order_by("-n"))


def of_customer(customer_id: str, many: int) -> list[Ask]:
    """Give what a customer was asked last, with her answers."""
    kept = Ask.objects.filter(belonging(customer_of(customer_id))).exclude(state="not_asked")
    return list(kept.select_related("survey", "answer").order_by("-made_at", "-pk")[:many])


def pace() -> int:
    """Say in how many days a customer is asked once at most."""
    found = Pace.objects.filter(pk=Pace.THE_ONE).first()
    return found.days if found else Pace._meta.get_field("days").default


def answers(survey_id: int, asked: Mapping[str, Any], number: int) -> Answers:
    """Give a page of answers."""
    start = (number - 1) * A_PAGE
    found = list(_answers(survey_id, asked)[start : start + A_PAGE + 1])
    return Answers(found[:A_PAGE], number, len(found) > A_PAGE)


def export(survey_id: int, asked: Mapping[str, Any]) -> Iterator[Answer]:
    """Give all answers, the latest first."""
    return iter(_answers(survey_id, asked).iterator(500))


def _answers(survey_id: int, asked: Mapping[str, Any]) -> QuerySet[Answer]:
    found = Answer.objects.filter(survey=survey_id).select_related("ask__wave")
    if asked.get("wave"):
        found = found.filter(ask__wave__number=asked["wave"])
    if asked.get("score") is not None:
        found = found.filter(score=asked["score"])
    if asked.get("sort_of") == "low":
        found = found.filter(is_low=True)
    if asked.get("sort_of") == "words":
        found = found.exclude(comment="")
    return found.order_by("-answered_at", "-pk")


def results(survey_id: int, wave: int | None = None) -> Results | None:
    """Give the published figures of a survey; None where there are none of it yet."""
    state = published()
    if state is None or not state.has("survey_scores"):
        return None
    rows = [r for r in state.table("survey_scores").to_pylist() if r["survey_no"] == survey_id]
    of_waves = sorted((r for r in rows if r["cut"] == "all"), key=lambda r: r["wave_no"])
    if not of_waves:
        return None
    shown = wave if any(r["wave_no"] == wave for r in of_waves) else of_waves[-1]["wave_no"]
    parts = [r for r in rows if r["cut"] != "all" and r["wave_no"] == shown]
    replies = state.table("survey_choices").to_pylist() if state.has("survey_choices") else []
    mine = [r for r in replies if r["survey_no"] == survey_id and r["wave_no"] == shown]
    return Results(state, of_waves, parts, mine)
