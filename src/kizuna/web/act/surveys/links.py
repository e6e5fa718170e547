"""Links to a survey: sealed, so that they name nobody and cannot be made up."""

from __future__ import annotations

import json
from urllib.parse import urljoin

from cryptography.fernet import InvalidToken
from django.urls import reverse

from kizuna.web.accounts.secrecy import hide, reveal
from kizuna.web.act.surveys.models import Ask, Survey
from kizuna.web.capture.consents import queries as consents

ASKED, TRIED = "survey", "survey-test"
LONGEST = 1_000


class NoLinkError(Exception):
    """Raised for a link that was cut off or made up, or that leads to nothing any more."""


def answer_path(ask: Ask, reply: object = None) -> str:
    """Give the path of a customer's survey, with an answer filled in where one is given."""
    return _path(ASKED, ask.pk, reply)


def test_path(survey: Survey) -> str:
    """Give the path of a survey to be tried: what is answered there counts nowhere."""
    return _path(TRIED, survey.pk, None)


def whole(path: str) -> str:
    """Give the address under which customers reach a path."""
    return urljoin(consents.sender().site or "/", path)


def opened(token: str) -> tuple[str, int]:
    """Read a token: what it is for, and the number of the asking or of the survey.

    Raises
    ------
    NoLinkError
        When it is not one of ours.

    """
    if len(token) > LONGEST:
        raise NoLinkError
    try:
        parts = json.loads(reveal(token + "=" * (-len(token) % 4)))
    except (InvalidToken, ValueError) as error:
        raise NoLinkError from error
    match parts:
        case [("survey" | "survey-test") as kind, int(number)]:
            return kind, number
    raise NoLinkError


def _path(kind: str, number: int, reply: object) -> str:
    token = hide(json.dumps([kind, number])).rstrip("=")
    query = None if reply is None else {"reply": str(reply)}
    return reverse("answer_survey", args=[token], query=query)
