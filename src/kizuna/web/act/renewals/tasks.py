"""What the worker does for renewals."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kizuna.web.act.renewals.services import climbing, following
from kizuna.web.jobs.tasks import job


@job(title=_("Follow contracts that come due"), unique="renewals", run_again=True)
def follow() -> int:
    """Read what is published of contracts that come due, then take the rungs that are due."""
    return following.follow() + climbing.climb()


@job(title=_("Take the steps before renewals"), unique="renewals.climb")
def climb() -> int:
    """Take the rungs that are due today."""
    return climbing.climb()
