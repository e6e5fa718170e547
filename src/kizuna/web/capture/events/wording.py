"""Why messages are refused, and what helps, in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, and what to do about it."""

    why: str | Promise
    remedy: str | Promise


REASONS: dict[str, Reason] = {
    "not_json": Reason(_("It is not JSON."), _("Send strict JSON: no NaN, no Infinity.")),
    "not_utf8": Reason(_("It is not written in UTF-8."), _("Send text in UTF-8.")),
    "too_deep": Reason(_("Its objects are nested too deeply."), _("Send flatter properties.")),
    "too_large": Reason(_("It is too large."), _("Send less in one message.")),
    "not_object": Reason(_("A value is not an object."), _("Write an object: {…}.")),
    "unknown_type": Reason(
        _("Its type is not known."),
        _("Use identify, track, page, screen, group or alias."),
    ),
    "no_customer": Reason(
        _("It does not say whose it is."), _("Give userId or anonymousId; with alias, userId.")
    ),
    "bad_text": Reason(_("A value is not text."), _("Write it as text, without null characters.")),
    "too_long": Reason(
        _("A value is too long."), _("Shorten it: messageId to 100, others to 200.")
    ),
    "no_event": Reason(_("The event has no name."), _("Give event.")),
    "no_group": Reason(_("It does not say which account."), _("Give groupId.")),
    "no_previous": Reason(_("It does not say who it was before."), _("Give previousId.")),
    "bad_time": Reason(
        _("A time cannot be read."), _("Write it as 2026-04-01T09:30:00Z, from the year 1900 on.")
    ),
    "time_in_future": Reason(_("It lies in the future."), _("Set the sender's clock right.")),
    "no_order_id": Reason(_("The order has no number."), _("Give order_id.")),
    "no_amount": Reason(
        _("The order has no amount."), _("Give revenue, or total, or products with prices.")
    ),
    "bad_amount": Reason(_("An amount is not a number."), _("Write it as 1234.5.")),
    "bad_currency": Reason(_("The currency is not known."), _("Write it as JPY or USD.")),
    "no_currency": Reason(
        _("The currency is not given, and there are no orders to tell it by."),
        _("Give currency, or import orders first."),
    ),
    "other_currency": Reason(
        _("The currency is not that of the other orders."),
        _("Send amounts in the currency of the other orders."),
    ),
    "erased": Reason(
        _("It is of somebody who was erased; nothing of it is kept."),
        _("Nothing is to be done; let its sender know."),
    ),
}


def reason(code: str) -> Reason:
    """Say a code in words; one that a later version wrote is said as it is."""
    return REASONS.get(code) or Reason(code, "")
