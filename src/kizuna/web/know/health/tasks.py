"""What the worker does for health."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kizuna.web.jobs.tasks import job
from kizuna.web.know.health import giving


@job(title=_("End health that was set by hand"), unique="health.overrides")
def follow_overrides() -> bool:
    """Ask for figures once an override has run out: what was learned counts again."""
    return giving.follow_overrides()
