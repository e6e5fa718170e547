"""What is wrong with a source of contacts, and why something is none, in words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

type Words = str | Promise

PROBLEMS: dict[str, Words] = {
    "login": _(
        "The server lets nobody in with this user and password. It is not tried again by itself, "
        "so that the account is not locked: change the password here."
    ),
    "folder": _("There is no such folder."),
    "place": _(
        "Its address is not a public one. Whoever runs the server can allow it in "
        "KIZUNA_OUTGOING_HOSTS."
    ),
    "tls": _("The server cannot prove who it is: its certificate is not valid."),
    "unreached": _("The server does not answer. It is tried again by itself."),
    "answer": _("The server answers what no mail server should. It is tried again by itself."),
}

REASONS: dict[str, Words] = {
    "not_json": _("It is not JSON."),
    "not_object": _("A value is not an object."),
    "too_deep": _("Its objects are nested too deeply."),
    "too_many": _("It holds more than 1,000 contacts."),
    "bad_text": _("A value is not text."),
    "too_long": _("A value is too long."),
    "no_id": _("It has no name of its own: say where interaction_id is."),
    "no_customer": _("It does not say whose it is: say where customer_id or email is."),
    "unknown_customer": _("The mail address is no customer's yet."),
    "several_customers": _("The mail address is that of several customers."),
    "no_time": _("It does not say when: say where happened_at is."),
    "bad_time": _("A time cannot be read."),
    "time_in_future": _("It lies in the future."),
    "no_channel": _("It does not say by which channel: say where it is, or write =mail."),
    "bad_direction": _("The direction is neither in nor out."),
    "bad_number": _("A number cannot be read, or is below zero."),
}


def problem(code: str) -> Words:
    """Say what is wrong with a mailbox; a code that is not known as it is."""
    return PROBLEMS.get(code, code)


def reason(code: str) -> Words:
    """Say why something is no contact; a code that is not known as it is."""
    return REASONS.get(code, code)
