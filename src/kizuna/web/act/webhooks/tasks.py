"""What the worker does for webhooks."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kizuna.web.act.webhooks import clearing, sending
from kizuna.web.jobs.tasks import job


@job(title=_("Send webhooks"), unique=lambda when="now": when, run_again=True)
def send(when: str = "now") -> int:
    """Send what is due; `when` tells calls for different moments apart."""
    return sending.send_due()


@job(title=_("Clear away old webhooks"), unique="webhooks.clear_away")
def clear_away() -> int:
    """Forget messages that are old."""
    return clearing.clear_away()
