"""What the worker does for the gate."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kizuna.web.act.gate import services
from kizuna.web.jobs.tasks import job


@job(title=_("Clear away old decisions of the contact gate"), unique="gate.clear_away")
def clear_away() -> int:
    """Forget decisions that nobody counts any more."""
    return services.clear_away()
