"""What the worker does for results."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kizuna.web.jobs.tasks import job
from kizuna.web.measure.results import outside_services


@job(title=_("Compute an experiment made elsewhere"), unique=lambda pk: f"measure.outside.{pk}")
def compute(pk: int) -> None:
    """Take the sums of a file, and compare its groups."""
    outside_services.computed(pk=pk)
