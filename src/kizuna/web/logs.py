"""Logs: one JSON object a line on stderr, without personal data.

No e-mail address, no query string, no body, no text of an exception: databases quote rows in it.
A page is named by its pattern, `/customers/<str:key>/`, for addresses hold keys and secret links.
"""

from __future__ import annotations

import json
import logging
import os
import re
import secrets
import traceback
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from time import perf_counter
from types import TracebackType
from typing import Any, Final

from django.http import HttpRequest, HttpResponseBase

REQUEST_ID: Final = ContextVar("request_id", default="")
REQUEST_ID_HEADER: Final = "X-Request-ID"
SAFE_ID: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")
ADDRESS: Final = re.compile(r"[^\s@<>\"'(),;:]+@[^\s@<>\"'(),;:]+")
# asked for many times a minute, and of no interest while they succeed
QUIET: Final = ("/health/", "/static/")
MOST_FRAMES: Final = 30

_log = logging.getLogger("kizuna.request")

CONFIGURATION: Final[dict[str, Any]] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "kizuna.web.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # refusals are in our own line already, and theirs holds the address
        "django.request": {"level": "ERROR"},
        "gunicorn.error": {"handlers": [], "level": "INFO", "propagate": True},
        "gunicorn.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
    },
}


class JsonFormatter(logging.Formatter):
    """One line of JSON for each record."""

    def format(self, record: logging.LogRecord) -> str:
        """Write what happened, when and in which request."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_addresses(_message(record)),
        }
        if request_id := REQUEST_ID.get():
            line["request_id"] = request_id
        line |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[0]:
            line["error"] = _error(record.exc_info[0], record.exc_info[2])
            if os.environ.get("KIZUNA_DEBUG") == "1":  # at a developer's desk, in full
                line["text"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class RequestLog:
    """Middleware: gives each request an id and writes one line about it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and say how long it took."""
        started = perf_counter()
        request_id = _request_id(request)
        token = REQUEST_ID.set(request_id)
        try:
            response = self.get_response(request)
            response.headers[REQUEST_ID_HEADER] = request_id
            _write(request, response.status_code, perf_counter() - started)
            return response
        finally:
            REQUEST_ID.reset(token)


def without_addresses(text: str) -> str:
    """Take e-mail addresses out of a text."""
    return ADDRESS.sub("<address>", text)


def _write(request: HttpRequest, status: int, seconds: float) -> None:
    if status < 400 and request.path.startswith(QUIET):
        return
    fields = {
        "method": request.method,
        "path": _page(request),
        "status": status,
        "ms": round(seconds * 1000, 1),
    }
    _log.log(logging.ERROR if status >= 500 else logging.INFO, "request", extra={"fields": fields})


def _page(request: HttpRequest) -> str:
    """Give the pattern of the page, or a mark where there is none or a redirect came before it."""
    match = request.resolver_match
    return f"/{match.route}" if match else "(unresolved)"


def _request_id(request: HttpRequest) -> str:
    """Take the proxy's id where it is harmless, else make one."""
    given = request.headers.get(REQUEST_ID_HEADER, "")
    return given if SAFE_ID.fullmatch(given) else secrets.token_hex(8)


def _message(record: logging.LogRecord) -> str:
    """Give the text; of Django's "Internal Server Error: /path" the part without the path."""
    if hasattr(record, "status_code") and isinstance(record.args, tuple) and record.args:
        return str(record.args[0])
    return record.getMessage()


def _error(kind: type[BaseException], trace: TracebackType | None) -> dict[str, object]:
    frames = traceback.extract_tb(trace)[-MOST_FRAMES:]
    where = [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
    return {"type": f"{kind.__module__}.{kind.__qualname__}", "where": where}
