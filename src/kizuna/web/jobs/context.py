"""What any page may say about the worker."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from kizuna.web.jobs.queries import silence


def worker(request: HttpRequest) -> dict[str, Any]:
    """Give `worker_silence`, read when a template asks: none, or since when no worker is seen."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {"worker_silence": None}
    return {"worker_silence": SimpleLazyObject(lambda: silence(now=timezone.now()))}
