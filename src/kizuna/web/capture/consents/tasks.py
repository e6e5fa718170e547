"""What the worker does for consent."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kizuna.web.capture.consents.services import opting_in
from kizuna.web.jobs.tasks import job


@job(title=_("Send a mail that asks for a confirmation"), max_attempts=10)
def send_confirmation(pk: int) -> None:
    """Send the mail."""
    opting_in.send(pk=pk)
