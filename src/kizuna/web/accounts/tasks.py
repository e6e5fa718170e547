"""What the worker does for people."""

from __future__ import annotations

from django.tasks import task
from django.utils.translation import gettext_noop

from kizuna.web.accounts.services import reset

TITLE = gettext_noop("Send password link")
"""What the page of background work makes of the name below."""


@task
def send_password_link(person_id: int, base: str) -> None:
    """Send the mail; the link is made here, so that the queue holds no secret."""
    reset.send(person_id=person_id, base=base)
