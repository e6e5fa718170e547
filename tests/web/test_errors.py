"""Pages for what goes wrong: plain words, a way back, and nothing of the inside."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from kizuna.web.accounts.models import Person

INSIDE = "the inside of the application"


def broken(request: HttpRequest) -> HttpResponse:
    raise ValueError(INSIDE)


def denied(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied(INSIDE)


def suspicious(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation(INSIDE)


def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse("saved")


urlpatterns = [
    path("broken", broken),
    path("denied", denied),
    path("suspicious", suspicious),
    path("form", form),
    path("", include("kizuna.web.urls")),
]
PAGES = [("/no-such-page", 404), ("/broken", 500), ("/denied", 403), ("/suspicious", 400)]


@pytest.fixture
def browser(settings: Any, aiko: Person) -> Client:
    """A browser that is shown what a visitor would be shown."""
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


@pytest.mark.parametrize(("page", "status"), PAGES)
def test_an_error_has_a_page_with_a_heading_and_a_way_back(
    browser: Client, page: str, status: int
) -> None:
    answer = browser.get(page)
    text = answer.content.decode()
    assert answer.status_code == status
    assert "<h1>" in text
    assert 'href="/"' in text


@pytest.mark.parametrize(("page", "status"), PAGES)
def test_an_error_shows_nothing_of_the_inside(browser: Client, page: str, status: int) -> None:
    text = browser.get(page).content.decode()
    assert INSIDE not in text
    assert "Traceback" not in text


@pytest.mark.parametrize(("page", "status"), PAGES)
def test_an_error_is_told_in_the_readers_language(browser: Client, page: str, status: int) -> None:
    answer = browser.get(page, headers={"accept-language": "ja"})
    assert '<html lang="ja">' in answer.content.decode()


@pytest.mark.parametrize(("page", "status"), PAGES)
def test_an_error_keeps_the_policy_and_the_id_of_the_request(
    browser: Client, page: str, status: int
) -> None:
    headers = browser.get(page).headers
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Request-ID"]


def test_a_form_without_its_token_is_refused_in_words(browser: Client) -> None:
    answer = browser.post("/form", {"name": "x"})
    assert answer.status_code == 403
    assert "<h1>" in answer.content.decode()
    assert "this form was open" in answer.content.decode().lower()
