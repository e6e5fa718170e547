"""What a survey asks, whom and how often; questions stand once it has been opened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.act.actions import services as actions
from kizuna.web.act.actions.models import Kind as ActionKind
from kizuna.web.act.actions.models import State as ActionState
from kizuna.web.act.messages.services import outbox
from kizuna.web.act.surveys import mailing
from kizuna.web.act.surveys.models import (
    Kind,
    Pace,
    Question,
    QuestionKind,
    Standing,
    State,
    Survey,
    Why,
)
from kizuna.web.act.surveys.official import OFFICIAL, REASON_EN, REASON_JA

HELD_OUT = 0.10
ALWAYS = ("name", "low_at", "every", "open_days", "segment", "next_on")
OF_DRAFT = ("subject_en", "subject_ja")
OF_QUESTION = (
    *("kind", "text_en", "text_ja", "low", "high", "ends_en", "ends_ja"),
    *("choices_en", "choices_ja", "is_required"),
)


class RefusedError(Exception):
    """Raised where something cannot be done as things stand.

    Attributes
    ----------
    code : which thing: `no_questions`, `no_subject`, `opened` or `not_the_past`.

    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def add(*, actor: Person, said: Mapping[str, Any], request: HttpRequest | None = None) -> Survey:
    """Draft a survey; of an official kind with its question and one for the reason."""
    _must(actor)
    with transaction.atomic():
        now = timezone.now()
        values = {name: said[name] for name in ("kind", *ALWAYS, *OF_DRAFT)}
        official = OFFICIAL.get(values["kind"])
        if values["low_at"] is None and official is not None:
            values["low_at"] = official.low_at
        action = actions.draft(
            actor=actor,
            name=values["name"],
            kind=ActionKind.SURVEY,
            holdout=said.get("holdout", HELD_OUT),
            request=request,
        )
        made = Survey.objects.create(
            **values, action=action, made_by=actor, made_at=now, changed_at=now
        )
        if official is not None:
            _first(made)
            _reason(made)
        _record(actor, "added", made, request, after=_kept(made))
    return made


def change(
    *, actor: Person, pk: int, said: Mapping[str, Any], request: HttpRequest | None = None
) -> Survey:
    """Change a survey; what the question names only before it is opened."""
    _must(actor)
    with transaction.atomic():
        found = _held(pk)
        before = _kept(found)
        for name in (*ALWAYS, *(OF_DRAFT if found.state == State.DRAFT else ())):
            setattr(found, name, said[name])
        found.changed_at = timezone.now()
        found.save()
        actions.change(actor=actor, action=found.action, name=found.name, request=request)
        if found.state == State.DRAFT and found.kind in OFFICIAL:
            found.questions.filter(number=1).delete()
            _first(found)
        _record(actor, "changed", found, request, before=before, after=_kept(found))
    return found


def keep_question(
    *,
    actor: Person,
    pk: int,
    said: Mapping[str, Any],
    number: int | None = None,
    request: HttpRequest | None = None,
) -> Survey:
    """Add a question, or change one; who changes an official one has a survey of her own."""
    _must(actor)
    with transaction.atomic():
        found = _drafted(pk)
        place = number or 1 + max(found.questions.values_list("number", flat=True), default=0)
        values = {name: said[name] for name in OF_QUESTION}
        Question.objects.update_or_create(survey=found, number=place, defaults=values)
        if place == 1 and found.kind in OFFICIAL and not _is_official(found, values):
            found.kind, found.changed_at = Kind.CUSTOM, timezone.now()
            found.save(update_fields=["kind", "changed_at"])
        after = {"number": place, **values, "survey_kind": found.kind}
        _record(actor, "question_kept", found, request, after=after)
    return found


def remove_question(
    *, actor: Person, pk: int, number: int, request: HttpRequest | None = None
) -> Survey:
    """Take a question out; those behind it move up."""
    _must(actor)
    with transaction.atomic():
        found = _drafted(pk)
        if number == 1 and found.kind in OFFICIAL:
            found.kind, found.changed_at = Kind.CUSTOM, timezone.now()
            found.save(update_fields=["kind", "changed_at"])
        found.questions.filter(number=number).delete()
        for place, left in enumerate(found.questions.order_by("number"), 1):
            Question.objects.filter(pk=left.pk).update(number=place)
        _record(actor, "question_removed", found, request, after={"number": number})
    return found


def open_up(*, actor: Person, pk: int, request: HttpRequest | None = None) -> Survey:
    """Open a survey: its questions stand, and it may be asked from now on.

    Raises
    ------
    RefusedError
        Where it asks nothing, or names nothing.

    """
    _must(actor)
    with transaction.atomic():
        found = _drafted(pk)
        if not found.questions.exists():
            raise RefusedError("no_questions")
        if found.kind in OFFICIAL and not found.subject:
            raise RefusedError("no_subject")
        found.state, found.changed_at = State.OPEN, timezone.now()
        tomorrow = timezone.localdate() + timedelta(days=1)
        if found.every and (found.next_on is None or found.next_on < tomorrow):
            found.next_on = tomorrow
        found.template = found.template or mailing.write(found, actor)
        found.save(update_fields=["state", "changed_at", "next_on", "template"])
        if found.action.state == ActionState.DRAFT:  # one that is brought in has begun
            actions.go_live(actor=actor, action=found.action, request=request)
        _record(actor, "opened", found, request, after=_kept(found))
    return found


def close(*, actor: Person, pk: int, request: HttpRequest | None = None) -> Survey:
    """Close a survey: no answer is taken any more, and no wave begins."""
    _must(actor)
    with transaction.atomic():
        found = _held(pk)
        found.state, found.changed_at, found.next_on = State.CLOSED, timezone.now(), None
        found.save(update_fields=["state", "changed_at", "next_on"])
        if found.action.state in (ActionState.LIVE, ActionState.PAUSED):
            actions.conclude(actor=actor, action=found.action, request=request)
        outbox.cancel(action=found.action, at=found.changed_at)
        found.asks.filter(state=Standing.WAITING).update(state=Standing.NOT_ASKED, why=Why.CLOSED)
        _record(actor, "closed", found, request)
    return found


def set_pace(*, actor: Person, days: int, request: HttpRequest | None = None) -> Pace:
    """Say in how many days a customer is asked once at most, over all surveys."""
    _must(actor)
    with transaction.atomic():
        found, _made = Pace.objects.select_for_update().get_or_create(id=Pace.THE_ONE)
        before, found.days = {"days": found.days}, days
        found.save()
        audit(
            actor=actor,
            action="act.survey.pace_set",
            target=str(found),
            before=before,
            after={"days": days},
            request=request,
        )
    return found


def note_export(
    *, actor: Person, survey: Survey, said: Mapping[str, Any], request: HttpRequest | None = None
) -> None:
    """Put on record who took answers away."""
    if not actor.may(Role.MEMBER):
        raise PermissionDenied
    after = {name: value for name, value in said.items() if value is not None}
    _record(actor, "answers_exported", survey, request, after=after)


def _first(survey: Survey) -> None:
    official = OFFICIAL[survey.kind]
    Question.objects.create(
        survey=survey,
        number=1,
        kind=QuestionKind.SCALE,
        low=official.low,
        high=official.high,
        ends_en=" | ".join(official.ends_en),
        ends_ja=" | ".join(official.ends_ja),
        is_required=True,
        **_words(survey),
    )


def _words(survey: Survey) -> dict[str, str]:
    """Write the official question in each language that names what it is about."""
    official = OFFICIAL[survey.kind]
    subjects = {"en": survey.subject_en, "ja": survey.subject_ja}
    if not any(subjects.values()):
        subjects = {"en": "…", "ja": "…"}
    return {
        f"text_{language}": official.words(language, subject) if subject else ""
        for language, subject in subjects.items()
    }


def _reason(survey: Survey) -> None:
    Question.objects.create(
        survey=survey, number=2, kind=QuestionKind.TEXT, text_en=REASON_EN, text_ja=REASON_JA
    )


def _is_official(survey: Survey, said: Mapping[str, Any]) -> bool:
    official = OFFICIAL[survey.kind]
    wanted = {"kind": QuestionKind.SCALE, "low": official.low, "high": official.high}
    wanted |= _words(survey)
    wanted |= {"ends_en": " | ".join(official.ends_en), "ends_ja": " | ".join(official.ends_ja)}
    return all(said[name] == value for name, value in wanted.items())


def _held(pk: int) -> Survey:
    return Survey.objects.select_for_update().get(pk=pk)


def _drafted(pk: int) -> Survey:
    found = _held(pk)
    if found.state != State.DRAFT:
        raise RefusedError("opened")
    return found


def _kept(survey: Survey) -> dict[str, Any]:
    return {n: getattr(survey, n) for n in ("kind", "state", *ALWAYS, *OF_DRAFT)}


def _record(
    actor: Person,
    what: str,
    survey: Survey,
    request: HttpRequest | None,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    audit(
        actor=actor,
        action=f"act.survey.{what}",
        target=str(survey),
        before=before,
        after=after,
        request=request,
    )


def _must(actor: Person) -> None:
    if not actor.may(Role.MANAGER):
        raise PermissionDenied
