"""A request sees one state of knowledge from its beginning to its end."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from kizuna.web.know.publications.queries import one_state

type Answer = Callable[[HttpRequest], HttpResponseBase]


def one_state_a_request(answer: Answer) -> Answer:
    """Hold the published state that a page asks for first."""

    def held(request: HttpRequest) -> HttpResponseBase:
        with one_state():
            return answer(request)

    return held
