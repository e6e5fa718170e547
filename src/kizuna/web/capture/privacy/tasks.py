"""What the worker does for privacy; each may be run again after a crash."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kizuna.web.capture.privacy import retention, services
from kizuna.web.jobs.tasks import job


@job(title=_("Erase a person"), unique=lambda pk: f"erase {pk}", max_attempts=10)
def erase(pk: int) -> None:
    """Carry an erasure out."""
    services.erase(pk=pk)


@job(title=_("Erase again whoever a file brought back"), unique="keep_erased")
def keep_erased() -> int:
    """Look for people who were erased and are back."""
    return services.keep_erased()


@job(title=_("Let go of what is older than its period"), unique="retention", max_attempts=10)
def retain() -> int:
    """Remove what is older than the period it is kept for."""
    return retention.apply()
