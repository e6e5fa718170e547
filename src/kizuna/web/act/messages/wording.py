"""Messages in words: what is wrong with a text, why something was not sent, the tabs."""

from __future__ import annotations

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kizuna.web.accounts.models import Person, Role
from kizuna.web.act.gate.wording import REASONS as OF_GATE
from kizuna.web.act.messages.models import State
from kizuna.web.act.messages.placeholders import Problem
from kizuna.web.capture.consents.deciding import REASONS as OF_CONSENT
from kizuna.web.ui.components import Tab

REASONS: dict[str, Promise] = {
    "missing_value": gettext_lazy("Nothing is known that a placeholder could say."),
    "no_address": gettext_lazy("There is no address on this channel."),
    "no_such_person": gettext_lazy("There is no person with this role at the customer."),
    "no_text": gettext_lazy("The template has no words for this channel."),
    "no_sender": gettext_lazy("It is not said who writes; fill in the sender under Consent."),
    "no_channel": gettext_lazy("It is not said how the channel is reached."),
    "window": gettext_lazy("It waits for its hours where the customer lives."),
    "twice": gettext_lazy("The customer has it already, under a number that was merged since."),
    "cancelled": gettext_lazy("It was called off before it was sent."),
    "recipient_refused": gettext_lazy("The other side does not take mail for this address."),
    "mail_refused": gettext_lazy("The other side refused the message."),
    "refused": gettext_lazy("The other side refused the message."),
    "sender_refused": gettext_lazy("The server for mail refused us as a sender."),
    "sign_in_refused": gettext_lazy("The other side refused our key or password."),
    "bad_address": gettext_lazy("The address cannot be read."),
    "later": gettext_lazy("The other side asked us to come back later."),
    "busy": gettext_lazy("The other side is busy."),
    "unreachable": gettext_lazy("The other side cannot be reached."),
    "address_refused": gettext_lazy("The address of the service may not be called from here."),
    "no_answer": gettext_lazy("The connection ended before it was said whether it was taken."),
    "lost": gettext_lazy("The worker was lost while it was sending."),
    "not_taken": gettext_lazy("It was let through, and the other side did not take it."),
    "head": gettext_lazy("asked for the head only"),
    "no_agent": gettext_lazy("does not say what it is"),
    "privacy": gettext_lazy("fetched beforehand by a mail program"),
    "agent": gettext_lazy("a program by its own name"),
    "too_fast": gettext_lazy("faster than anybody reads"),
    "all_at_once": gettext_lazy("followed every link at once"),
}
MOODS = {
    State.WAITING: "info",
    State.HELD: "caution",
    State.TAKEN: "info",
    State.HANDED: "info",
    State.SENT: "good",
    State.UNCERTAIN: "caution",
    State.DROPPED: "unknown",
    State.REFUSED: "serious",
}


def reason(code: str) -> str:
    """Say why."""
    return str(REASONS.get(code) or OF_GATE.get(code) or OF_CONSENT.get(code) or code)


def problem(found: Problem) -> str:
    """Say what is wrong with a text, and where."""
    what = {
        "unknown": _("There is no placeholder %(shown)s."),
        "kept_back": _(
            "%(shown)s is what your company knows or works out about the customer; it is not told "
            "to the customer in a message."
        ),
        "unclosed": _("A placeholder begins and does not end: %(shown)s"),
        "malformed": _("This cannot be read as a placeholder: %(shown)s"),
        "code": _("Only placeholders are filled in; there are no commands: %(shown)s"),
        "too_long": _("The text is too long."),
        "no_fallback": _("%(shown)s has no words to use instead."),
    }[found.code] % {"shown": found.shown}
    where = _("Line %(line)s, place %(column)s:") % {"line": found.line, "column": found.column}
    meant = _("Was %(name)s meant?") % {"name": found.instead} if found.instead else ""
    return " ".join(part for part in (where, what, meant) if part)


LEAST = {"returned": Role.MEMBER, "channels": Role.MANAGER}


def tabs(current: str, person: Person) -> list[Tab]:
    """Give the pages on messages that a person may open."""
    names = {
        "outbox": _("Outbox"),
        "returned": _("What came back"),
        "templates": _("Templates"),
        "channels": _("Channels"),
    }
    return [
        Tab(label, reverse(f"messages:{name}"), name == current)
        for name, label in names.items()
        if person.may(LEAST.get(name, Role.VIEWER))
    ]
