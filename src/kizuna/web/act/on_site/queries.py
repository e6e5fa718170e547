"""Reads: the messages, and one with how often it was shown, followed and closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse

from kizuna.experiments.assignment import CONTROL
from kizuna.web.act.actions.models import Action, Assignment
from kizuna.web.act.actions.queries import COUNTED, Counted, is_taken
from kizuna.web.act.on_site.models import Hit, HitKind, Message, Secret, Showing
from kizuna.web.act.surveys.models import Answer
from kizuna.web.capture.snippet.models import Site
from kizuna.web.know.segments.queries import segments

A_PAGE = 25
__all__ = ["is_taken", "message", "messages", "page_of", "segments", "shown"]


@dataclass(frozen=True, slots=True)
class Shown:
    """Numbers of one message: showings, what was done by people, all that pages told."""

    shown: Counted
    followed: Counted
    closed: Counted
    raw_followed: Counted
    held_out: Counted
    results: str
    answered: Counted


def messages(number: str | None) -> Page[Message]:
    """Give a page of the messages, the latest first."""
    found = Message.objects.select_related("action", "segment", "survey__action").order_by("-pk")
    return Paginator(found, A_PAGE).get_page(number)


def message(pk: int) -> Message | None:
    """Give a message."""
    found = Message.objects.select_related("action", "segment", "survey__action")
    return found.filter(pk=pk).first()


def shown(found: Message) -> Shown:
    """Count, up to a bound."""
    hits = Hit.objects.filter(showing__message=found)
    clicks = hits.filter(kind=HitKind.CLICKED)
    return Shown(
        shown=_counted(
            Showing.objects.filter(message=found, shown_at__isnull=False), found.past_shown
        ),
        followed=_counted(clicks.filter(why=""), found.past_followed),
        closed=_counted(hits.filter(kind=HitKind.CLOSED, why=""), found.past_closed),
        raw_followed=_counted(clicks, found.past_raw_followed),
        held_out=_counted(Assignment.objects.filter(action=found.action, arm=CONTROL)),
        results=_results(found),
        answered=_counted(_answers(found)),
    )


def has_site() -> bool:
    """Whether any site shows messages."""
    return Site.objects.filter(messages=True).exists()


def secret_made_at() -> datetime | None:
    """Say since when the secret of the site is what it is."""
    found = Secret.objects.filter(pk=Secret.THE_ONE).first()
    return found.made_at if found else None


def page_of(action: Action) -> str | None:
    """Give the page of a message's action; None for other actions."""
    found = Message.objects.filter(action=action).values_list("pk", flat=True).first()
    return reverse("on_site:one", args=[found]) if found else None


def asking(survey_id: int) -> list[tuple[str, str]]:
    """Name the messages that ask a survey, with their pages."""
    found = Message.objects.filter(survey=survey_id).select_related("action").order_by("pk")
    return [(one.action.name, reverse("on_site:one", args=[one.pk])) for one in found]


def _counted(rows: QuerySet[Any], past: int = 0) -> Counted:
    """Count rows, and those that were let go of."""
    many = past + rows.order_by()[: COUNTED + 1].count()
    return Counted(min(many, COUNTED), many > COUNTED)


def _answers(found: Message) -> QuerySet[Answer]:
    """Give the answers to its survey that were given on the site."""
    return Answer.objects.filter(ask__survey=found.survey_id, ask__is_on_site=True)


def _results(found: Message) -> str:
    if found.survey_id is not None:
        return reverse("surveys:results", args=[found.survey_id])
    try:
        return reverse("results:one", args=[found.action.experiment_id])
    except NoReverseMatch:
        return ""
