"""Logs: one JSON object a line, that says what happened and nothing about whom."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from kizuna.web.logs import JsonFormatter, RequestLog, without_addresses

SECRET = "hanako@example.jp"


def page(request: HttpRequest, key: str) -> HttpResponse:
    return HttpResponse(key)


def broken(request: HttpRequest) -> HttpResponse:
    raise ValueError(f"Key (email)=({SECRET}) already exists")


urlpatterns = [path("people/<str:key>/", page), path("broken", broken)]


class Lines(logging.Handler):
    """Keeps the lines that would be written."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonFormatter())
        self.text: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.text.append(self.format(record))

    def last(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.text[-1])
        return found


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Read what reaches the root of the logs."""
    handler, root = Lines(), logging.getLogger()
    root.addHandler(handler)
    yield handler
    root.removeHandler(handler)


@pytest.fixture
def browser(settings: Any) -> Client:
    """Open pages of this file, without an exception reaching the test."""
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = ["kizuna.web.logs.RequestLog"]
    return Client(raise_request_exception=False)


def formatted(record: logging.LogRecord) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(JsonFormatter().format(record))
    return found


def test_a_request_is_one_line_with_page_status_and_time(browser: Client, lines: Lines) -> None:
    answer = browser.get("/people/12/")
    line = lines.last()
    assert (line["method"], line["path"], line["status"]) == ("GET", "/people/<str:key>/", 200)
    assert line["ms"] >= 0
    assert line["request_id"] == answer.headers["X-Request-ID"]


def test_neither_address_nor_query_nor_body_is_written(browser: Client, lines: Lines) -> None:
    browser.post(f"/people/{SECRET}/?q={SECRET}", {"email": SECRET})
    browser.get(f"/no/{SECRET}?q={SECRET}")
    assert lines.text
    assert "hanako" not in "".join(lines.text)


def test_an_error_says_where_and_not_what_the_database_quoted(
    browser: Client, lines: Lines
) -> None:
    assert browser.get(f"/broken?q={SECRET}").status_code == 500
    errors = [line for text in lines.text if "error" in (line := json.loads(text))]
    assert errors[0]["error"]["type"] == "builtins.ValueError"
    assert "in broken" in errors[0]["error"]["where"][-1]
    assert "hanako" not in "".join(lines.text)


def test_the_line_of_an_error_names_no_address_of_a_page(browser: Client, lines: Lines) -> None:
    browser.get("/broken")
    assert "Internal Server Error" in {json.loads(text)["message"] for text in lines.text}


def test_checks_of_health_write_nothing_while_they_succeed(client: Client, lines: Lines) -> None:
    client.get("/health/live")
    assert lines.text == []


def test_the_proxys_id_is_kept(browser: Client, lines: Lines) -> None:
    browser.get("/people/1/", headers={"X-Request-ID": "proxy-0001"})
    assert lines.last()["request_id"] == "proxy-0001"


@pytest.mark.parametrize("forged", ['x"}\n{"level":"info"', "a" * 65, "short", SECRET])
def test_an_id_that_could_forge_a_line_is_replaced(
    forged: str, lines: Lines, rf: RequestFactory
) -> None:
    answer = RequestLog(lambda request: HttpResponse())(rf.get("/", HTTP_X_REQUEST_ID=forged))
    assert answer.headers["X-Request-ID"] != forged
    assert lines.last()["request_id"] == answer.headers["X-Request-ID"]


def test_addresses_in_any_text_are_taken_out() -> None:
    assert without_addresses(f"sent to <{SECRET}>, ok") == "sent to <<address>>, ok"


def test_lines_outside_a_request_have_no_id() -> None:
    record = logging.LogRecord("kizuna", logging.INFO, "", 1, "done %s", (SECRET,), None)
    line = formatted(record)
    assert "request_id" not in line
    assert line["message"] == "done <address>"


def test_japanese_stays_readable_and_a_line_stays_a_line() -> None:
    record = logging.LogRecord("kizuna", logging.INFO, "", 1, "取り込み\n完了", (), None)
    written = JsonFormatter().format(record)
    assert "取り込み" in written
    assert "\n" not in written


def test_a_developer_reads_the_whole_exception(
    browser: Client, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIZUNA_DEBUG", "1")
    browser.get("/broken")
    assert "already exists" in "".join(json.loads(text).get("text", "") for text in lines.text)


def test_an_exception_without_frames_is_written() -> None:
    kind = (OSError, OSError(SECRET), None)
    record = logging.LogRecord("kizuna", logging.ERROR, "", 1, "failed", (), kind)
    assert formatted(record)["error"] == {"type": "builtins.OSError", "where": []}
