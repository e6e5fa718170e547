"""Why a contact was sent, held or dropped, in the language of whoever looks."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kizuna.web.capture.consents.deciding import REASONS as OF_CONSENT

REASONS: dict[str, Promise] = {
    "sent": _("Nothing spoke against it."),
    "paused": _("The action is paused."),
    "not_live": _("The action is not live."),
    "unknown": _("There is no such customer in the published figures."),
    "bounce": _("The address does not exist: a message came back."),
    "complaint": _("The customer complained about a message."),
    "hand": _("A person of ours stopped contacts with the customer."),
    "no_purpose": _("It does not say for which purpose of consent it is written."),
    "global": _("The customer is among those whom nothing optional reaches."),
    "held_out": _("Chance held the customer out of this action."),
    "contaminated": _("The customer was merged of one held out and one treated."),
    "cap": _("The customer has had as many contacts as the cap allows."),
    "quiet": _("It is night, weekend or a holiday where the customer lives."),
    "priority": _("A contact that matters more goes first."),
    "concluded": _("The action is concluded."),
}


def reason_of(code: str) -> str:
    """Say why."""
    return str(REASONS.get(code) or OF_CONSENT.get(code) or code)
