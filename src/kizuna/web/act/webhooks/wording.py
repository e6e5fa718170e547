"""Why something was not sent or not answered, in the language of whoever looks."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kizuna.web.outgoing import Refused, Unanswered

PROBLEMS = {
    "unreadable": _("This is no address that could be read."),
    "scheme": _("The address has to begin with https://."),
    "user": _("The address must not hold a user or a password."),
    "plain": _("Without encryption only places that KIZUNA_OUTGOING_HOSTS names are called."),
    "private": _(
        "The address leads into a private network; whoever runs the server allows it with "
        "KIZUNA_OUTGOING_HOSTS."
    ),
    "never": _("The address belongs to the machine itself or its network, and is never called."),
    "unknown_host": _("No address was found for this name."),
    "connect": _("No connection could be made."),
    "tls": _("The encrypted connection failed; is the certificate valid?"),
    "late": _("There was no answer in time."),
    "broken": _("The connection ended without an answer."),
}


def said(error: Refused | Unanswered) -> str:
    """Say why an address is not called."""
    return str(PROBLEMS[error.code])
