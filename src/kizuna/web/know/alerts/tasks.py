"""What the worker does for alerts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kizuna.web.jobs.tasks import job
from kizuna.web.know.alerts import escalating, evaluating, sending, trying


@job(title=_("Raise alerts on new figures"), unique=lambda pk: f"alerts.published:{pk}")
def after_publication(publication_id: int) -> int:
    """Evaluate every rule on what a publication changed."""
    told = evaluating.after_publication(publication_id)
    sending_due()
    return told


@job(title=_("Tell of alerts"), unique="alerts.send", run_again=True)
def send() -> int:
    """Hand over to who gets too late what nobody has looked at; send what is due."""
    escalating.escalate()
    return sending.send_due()


@job(title=_("Try an alert rule on the past"))
def dry_run(pk: int) -> None:
    """Say what a rule would have done."""
    trying.run(pk)


def sending_due() -> None:
    """Have the worker send what is due now."""
    send.enqueue()
