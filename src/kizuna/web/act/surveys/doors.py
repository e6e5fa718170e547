"""The page that customers answer on, by a sealed link; opening it counts nothing.

Programs that look at mails open every link in them, so the answer in a link is only filled in. It
counts once the customer presses the button.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.functional import Promise
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from kizuna.web.accounts.permissions import public
from kizuna.web.accounts.queries import organisation
from kizuna.web.act.surveys import queries
from kizuna.web.act.surveys.links import ASKED, NoLinkError, opened
from kizuna.web.act.surveys.models import Ask, Question, Survey
from kizuna.web.act.surveys.replies import Replies, name_of, offered, read
from kizuna.web.act.surveys.services import answering
from kizuna.web.act.surveys.services.answering import ClosedError, IncompleteError
from kizuna.web.capture.consents.queries import sender


@dataclass(frozen=True, slots=True)
class Asking:
    """A question as it stands on the page."""

    question: Question
    name: str
    reply: str
    wrong: str | Promise

    @property
    def options(self) -> list[tuple[str, str, bool]]:
        """What can be chosen: value, words, and whether it is."""
        pairs = [(str(n), str(n)) for n in self.question.scale] or self.question.choices
        return [(value, words, value == self.reply) for value, words in pairs]


@public
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def answer_survey(request: HttpRequest, token: str) -> HttpResponse:
    """Show a survey, and take what the customer sends."""
    try:
        kind, number = opened(token)
        if kind != ASKED:
            return _tried(request, number)
        ask = answering.asked_by(token)
        if request.method == "POST":
            answering.answer(token=token, said=request.POST.dict())
            return _page(request, "thanks", {"ask": ask, "until": answering.open_until(ask)})
    except NoLinkError:
        return _page(request, "no_survey", {}, 404)
    except ClosedError:
        return _page(request, "closed", {}, 410)
    except IncompleteError as error:
        return _form(request, ask.survey, error.replies, ask, 422)
    if not answering.is_open(ask, timezone.now()):
        return _page(request, "closed", {}, 410)
    return _form(request, ask.survey, _filled(ask, request.GET.get("reply", "")), ask)


def _tried(request: HttpRequest, number: int) -> HttpResponse:
    """Show a survey to whoever tries it; nothing is kept."""
    survey = queries.survey(number)
    if survey is None:
        raise NoLinkError
    if request.method == "POST":
        found = read(queries.questions(number), request.POST.dict())
        if not found.wrong and found.given:
            return _page(request, "thanks", {"is_test": True})
        return _form(request, survey, found, None, 422)
    return _form(request, survey, Replies(), None)


def _filled(ask: Ask, reply: str) -> Replies:
    """Fill in what was answered before, and the answer that the link in the mail named."""
    before = getattr(ask, "answer", None)
    given = {int(number): kept for number, kept in before.replies.items()} if before else {}
    first = queries.question(ask.survey_id, 1)
    named = offered(first, reply) if first is not None and first.kind != "text" else None
    return Replies({**given, 1: named} if named is not None else given)


def _form(
    request: HttpRequest, survey: Survey, replies: Replies, ask: Ask | None, status: int = 200
) -> HttpResponse:
    asking = _asking(queries.questions(survey.pk), replies)
    shown = {
        "survey": survey,
        "asking": asking,
        "wrong": any(one.wrong for one in asking) or (status == 422),
        "is_test": ask is None,
        "before": getattr(ask, "answer", None) if ask else None,
        "until": answering.open_until(ask) if ask else None,
    }
    return _page(request, "answer", shown, status)


def _asking(questions: Sequence[Question], replies: Replies) -> list[Asking]:
    return [
        Asking(q, name_of(q), str(replies.given.get(q.number, "")), replies.wrong.get(q.number, ""))
        for q in questions
    ]


def _page(
    request: HttpRequest, name: str, shown: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Keep the address, which answers in a customer's name, from caches, sites and searches."""
    who = sender()
    shown |= {"company": who.legal_name or organisation().name, "contact": who.contact}
    response = render(request, f"surveys/{name}.html", shown, status=status)
    patch_cache_control(response, private=True, no_store=True)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
