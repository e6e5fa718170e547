"""The gate before every address for programs: who asks, how often, in which shape, and how told."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from ninja.operation import Operation

from kizuna.web.accounts.models import Scope
from kizuna.web.interface import once
from kizuna.web.interface.keys import Key, bearer
from kizuna.web.interface.limits import wait_for
from kizuna.web.interface.problems import ProblemError, is_problem, problem
from kizuna.web.trouble import trouble_of

log = logging.getLogger("kizuna.api")

type View = Callable[..., HttpResponseBase]

WRITES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
MEDIA: Final = {"body": "application/json", "form": "multipart/form-data",
                "file": "multipart/form-data"}  # fmt: skip
RETRY_AFTER: Final = "30"


def gate(view: View, operations: list[Operation]) -> View:
    """Put the gate before the view of a path."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # a browser sends its cookies to whoever asks it to: here they say nothing
        request.COOKIES = {}
        with translation.override(translation.get_language_from_request(request)):
            response = _answer(request, operations, lambda: view(request, *args, **kwargs))
            response.headers["Content-Language"] = translation.get_language() or "en"
        patch_cache_control(response, private=True, no_store=True)
        return response

    guarded.access = scope_of(operations)  # type: ignore[attr-defined]
    return guarded


def scope_of(operations: list[Operation]) -> Scope | None:
    """Tell the scope of a path; None where an operation asks for none. Nowhere asks for any key."""
    if not operations:
        return Scope.READ
    keys = [callback for op in operations for callback in op.auth_callbacks]
    ruled = all(op.auth_callbacks for op in operations)
    return keys[0].scope if ruled and keys and isinstance(keys[0], Key) else None


def _answer(
    request: HttpRequest, operations: list[Operation], view: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    try:
        return _as_problem(_let_in(request, operations, view))
    except ProblemError as error:
        return problem(error.status, error.detail, errors=error.errors)
    except RequestDataTooBig:
        return problem(413, _("The request is larger than is taken."))
    except (MultiPartParserError, TooManyFieldsSent, TooManyFilesSent, UnreadablePostError):
        return problem(400, _("The body of the request cannot be read."))
    except Exception as error:
        return _failed(error)


def _failed(error: Exception) -> HttpResponse:
    trouble = trouble_of(error)
    if trouble is not None:
        said = _("Nothing was done: the server cannot read or write just now (%(why)s).")
        headers = {"Retry-After": RETRY_AFTER}
        return problem(503, said % {"why": trouble.value}, headers=headers)
    log.exception("the interface failed")
    return problem(500, _("A fault of ours; it is in the log of the server."))


def _let_in(
    request: HttpRequest, operations: list[Operation], view: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    key, now = bearer(request), timezone.now()
    if key is None:
        said = _("No key was sent, or it is not valid.")
        return problem(401, said, headers={"WWW-Authenticate": "Bearer"})
    if wait := wait_for(key=key, now=now):
        said = _("This key has asked too often; wait for the time that Retry-After gives.")
        return problem(429, said, headers={"Retry-After": str(wait)})
    found = [op for op in operations if request.method in op.methods]
    if not found:
        return _not_allowed(operations)
    _check_shape(request, found[0])
    if request.method not in WRITES or once.HEADER not in request.headers:
        return view()
    _check_scope(request, found[0])
    return once.once(request, key=key, work=lambda: _whole(view()), now=now)


def _not_allowed(operations: list[Operation]) -> HttpResponse:
    if not operations:
        return problem(404, _("There is nothing at this address."))
    allowed = ", ".join(sorted({method for op in operations for method in op.methods}))
    return problem(405, _("This address does not take that method."), headers={"Allow": allowed})


def _check_scope(request: HttpRequest, operation: Operation) -> None:
    """Refuse before anything is kept of a request."""
    for callback in operation.auth_callbacks:
        callback(request)


def _check_shape(request: HttpRequest, operation: Operation) -> None:
    """Refuse a body of another kind, and parameters that mean nothing here."""
    wanted = next((m for m in map(_media, operation.models) if m), "")
    if wanted and request.content_type != wanted:
        raise ProblemError(415, _("The body is to be %(kind)s.") % {"kind": wanted})
    if unknown := sorted(set(request.GET) - parameters_of(operation)):
        errors = [{"at": ["query", n], "message": _("unknown parameter")} for n in unknown]
        raise ProblemError(422, _("Some parameters are unknown here."), errors)


def _media(model: Any) -> str:
    return MEDIA.get(model.__ninja_param_source__, "")


def parameters_of(operation: Operation) -> set[str]:
    """Name the parameters that an operation takes in its address."""
    models = [m for m in operation.models if m.__ninja_param_source__ == "query"]
    return {path[-1] for m in models for path in _leaves(m)}


def _leaves(model: Any) -> list[tuple[str, ...]]:
    return list(model.__ninja_flatten_map__.values())


def _whole(response: HttpResponseBase) -> HttpResponse:
    assert isinstance(response, HttpResponse)  # what is streamed writes nothing
    return response


def _as_problem(response: HttpResponseBase) -> HttpResponseBase:
    """Write a refusal of Django's or of ninja's as all others are written."""
    if response.status_code < 400 or not isinstance(response, HttpResponse):
        return response
    return response if is_problem(response) else problem(response.status_code)
