"""Problems as RFC 9457 writes them: every refusal of the interface has this shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpResponse, JsonResponse

PROBLEM_JSON: Final = "application/problem+json"


class ProblemError(Exception):
    """Raised where a request cannot be done; `detail` tells the caller what to mend."""

    def __init__(self, status: int, detail: str, errors: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors = status, detail, errors


def problem(
    status: int,
    detail: str = "",
    *,
    errors: Sequence[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Write a problem."""
    said: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors:
        said["errors"] = list(errors)
    return JsonResponse(said, status=status, content_type=PROBLEM_JSON, headers=dict(headers or {}))


def is_problem(response: HttpResponse) -> bool:
    """Whether a response is written as a problem already."""
    return response.headers.get("Content-Type", "").startswith(PROBLEM_JSON)
