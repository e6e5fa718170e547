"""What the worker does for messages."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kizuna.web.act.messages import sending
from kizuna.web.jobs.tasks import job


@job(title=_("Send messages"), unique=lambda when="now": when, run_again=True)
def send(when: str = "now") -> int:
    """Send what is due; `when` tells calls for different moments apart."""
    return sending.send_due()
