"""What the workers do for messages."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kizuna.web.act.messages import sending
from kizuna.web.jobs.queries import at_work
from kizuna.web.jobs.tasks import job

MANY = 2 * sending.AT_ONCE
"""Messages that are due, from which on other workers help."""
MOST = 8
"""Workers that send at the same time."""
AFTER_ALL_ELSE = -10
"""The priority of helping: a worker alone loses no time to it."""
BESIDE = "beside"


@job(title=_("Send messages"), unique=lambda when="now": when, run_again=True)
def send(when: str = "now") -> int:
    """Send what is due; `when` tells calls for different moments apart."""
    call_for_help(timezone.now())
    return sending.send_due()


@job(title=_("Send messages"), unique=lambda number: f"{BESIDE} {number}")
def help_to_send(number: int) -> int:
    """Send what is due, beside others: claims keep them apart."""
    return sending.send_due()


def call_for_help(now: datetime) -> None:
    """Have other workers send too, where there is much to send and they have nothing to do."""
    if not sending.due(now)[MANY - 1 : MANY].exists():
        return
    for number in range(1, min(at_work(now=now), MOST)):
        help_to_send.using(priority=AFTER_ALL_ELSE).enqueue(number)
