"""A write that names itself by `Idempotency-Key` is done once, whatever is lost on the way.

The claim is written first, for others to see. The change and the answer are then written in one
transaction: a process that dies leaves neither, and after its lease another may begin anew.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from kizuna.web.accounts.models import ApiKey
from kizuna.web.interface.models import Answer
from kizuna.web.interface.problems import ProblemError

HEADER: Final = "Idempotency-Key"
NAMES: Final = re.compile(r"[\x21-\x7e]{1,255}")
LEASE = timedelta(minutes=5)
KEPT = timedelta(days=30)
HEADERS_KEPT: Final = ("Content-Type", "Location")
AT_ONCE: Final = 500

type Work = Callable[[], HttpResponse]


class _NotKeptError(Exception):
    """A refusal: nothing was done, so the same may be tried again."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.response = response


def once(request: HttpRequest, *, key: ApiKey, work: Work, now: datetime) -> HttpResponse:
    """Do a write, or answer as the first time."""
    name = request.headers[HEADER]
    if not NAMES.fullmatch(name):
        raise ProblemError(400, _("Idempotency-Key is 1 to 255 visible ASCII characters."))
    digest = _digest(request)
    claimed = _claim(key, name, digest, now)
    if claimed is None:
        return _again(Answer.objects.get(key=key, name=name), digest)
    return _done(claimed, work)


def forget(*, now: datetime) -> int:
    """Delete answers that are old, a little at a time; give how many."""
    gone, old = 0, Answer.objects.filter(asked_at__lt=now - KEPT)
    while keys := list(old.values_list("pk", flat=True)[:AT_ONCE]):
        gone += Answer.objects.filter(pk__in=keys).delete()[0]
    return gone


def _claim(key: ApiKey, name: str, digest: str, now: datetime) -> Answer | None:
    """Take a name for this process: a new one, or one whose holder has died."""
    mine = {"claim": secrets.token_hex(16), "claimed_until": now + LEASE}
    try:
        with transaction.atomic():
            return Answer.objects.create(key=key, name=name, digest=digest, asked_at=now, **mine)
    except IntegrityError:
        left = Answer.objects.filter(
            key=key, name=name, digest=digest, status=None, claimed_until__lt=now
        )
        return Answer.objects.get(key=key, name=name) if left.update(**mine) else None


def _again(known: Answer, digest: str) -> HttpResponse:
    if known.digest != digest:
        raise ProblemError(422, _("This Idempotency-Key was used for another request."))
    if known.status is None:
        raise ProblemError(409, _("The first request with this key is still being done."))
    headers = {**known.headers, "Idempotency-Replayed": "true"}
    return HttpResponse(known.body, status=known.status, headers=headers)


def _done(claimed: Answer, work: Work) -> HttpResponse:
    """Do the work and keep its answer, both or neither; what was refused may be tried again."""
    try:
        with transaction.atomic():
            response = work()
            if response.status_code >= 400:
                raise _NotKeptError(response)
            _keep(claimed, response)
    except _NotKeptError as error:
        _release(claimed)
        return error.response
    except Exception:
        _release(claimed)
        raise
    return response


def _keep(claimed: Answer, response: HttpResponse) -> None:
    said: dict[str, Any] = {
        "status": response.status_code,
        "body": response.content.decode(),
        "headers": {n: response[n] for n in HEADERS_KEPT if response.has_header(n)},
    }
    mine = Answer.objects.filter(pk=claimed.pk, claim=claimed.claim, status=None)
    if not mine.update(**said):
        raise ProblemError(409, _("The first request with this key is still being done."))


def _release(claimed: Answer) -> None:
    Answer.objects.filter(pk=claimed.pk, claim=claimed.claim, status=None).delete()


def _digest(request: HttpRequest) -> str:
    """Tell one request from another: address, query, fields, and every byte of files."""
    found = sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type != "multipart/form-data":
        found.update(request.body)
        return found.hexdigest()
    for field in sorted(request.POST.lists()):
        found.update(repr(field).encode())
    for name, file in sorted(request.FILES.items()):
        assert not isinstance(file, list)  # only several files of one name are a list
        found.update(repr((name, file.name, file.size)).encode())
        for chunk in file.chunks():
            found.update(chunk)
        file.seek(0)
    return found.hexdigest()
