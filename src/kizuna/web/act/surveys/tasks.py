"""What the worker does for surveys."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from kizuna.web.act.surveys import mailing
from kizuna.web.act.surveys.services import asking, telling
from kizuna.web.jobs import progress
from kizuna.web.jobs.tasks import job


@job(title=_("Begin the waves of surveys that are due"), unique="surveys.begin")
def begin_waves() -> int:
    """Begin waves whose day has come."""
    return asking.begin_due(timezone.now())


@job(title=_("Ask the customers of a wave"), unique=lambda wave: f"wave {wave}", max_attempts=10)
def ask_wave(wave: int) -> int:
    """Ask whoever a wave is for, part by part; a run that was lost is gone on with."""
    gone_through = 0
    while part := asking.ask_part(wave, timezone.now()):
        gone_through += part
        progress.report(0.5, gettext_noop("%(customers)s customers gone through"), customers=part)
    return gone_through


@job(title=_("Bring answers to surveys into the tables"), unique="surveys.tell", run_again=True)
def tell_answers() -> int:
    """Bring answers into the inbox; see what became of mails."""
    mailing.follow()
    return telling.tell()
