"""What the worker does for publications."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kizuna.web.jobs import progress
from kizuna.web.jobs.tasks import job
from kizuna.web.know.publications import services


@job(title=_("Compute the figures"), unique="know.publish", run_again=True)
def publish() -> None:
    """Run the pipeline for whoever asked, and publish what it found."""
    services.publish_open(tell=progress.report)


@job(title=_("Delete former versions of tables"), unique="know.tidy")
def tidy() -> int:
    """Make room: what is published stays."""
    return services.tidy()
