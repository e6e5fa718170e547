"""What became of contacts and why, in the language of whoever looks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kizuna.web.accounts.models import Person, Role
from kizuna.web.act.gate.models import Entry, Outcome
from kizuna.web.act.gate.queries import Lines
from kizuna.web.capture.consents.deciding import REASONS as OF_CONSENT
from kizuna.web.ui.components import Tab
from kizuna.web.ui.templatetags.ui import moment, writer

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
    "not_taken": _("It was let through and certainly not delivered; it counts for no cap."),
    "priority": _("A contact that matters more goes first."),
    "concluded": _("The action is concluded."),
}


MOODS: Mapping[str, str] = {
    Outcome.SENT: "good",
    Outcome.HELD: "caution",
    Outcome.DROPPED: "unknown",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A decision as people read it."""

    entry: Entry
    name: str
    mood: str
    why: str
    again: str


def reason_of(code: str) -> str:
    """Say why."""
    return str(REASONS.get(code) or OF_CONSENT.get(code) or code)


def lines(page: Lines) -> list[Line]:
    """Write a page of the log."""
    return [line(entry, page.names.get(entry.customer_id, "")) for entry in page.items]


def line(entry: Entry, name: str = "") -> Line:
    """Write a decision."""
    return Line(entry, name, MOODS[entry.outcome], reason_of(entry.reason), _again(entry))


def _again(entry: Entry) -> str:
    """Say when one that is held is asked again, and how often it was."""
    said = []
    if entry.outcome == Outcome.HELD and entry.until:
        said.append(gettext("not before %(at)s") % {"at": moment(entry.until)})
    if entry.times > 1:
        said.append(gettext("asked %(n)s times") % {"n": writer().number(entry.times)})
    return ", ".join(said)


def tally(found: Mapping[str, int]) -> list[tuple[str, str]]:
    """Write what became of contacts in the last 30 days."""
    return [(str(Outcome(code).label), writer().number(n)) for code, n in found.items()]


def tabs(current: str, person: Person) -> list[Tab]:
    """Offer the pages of the gate."""
    names: Iterable[tuple[str, str, bool]] = (
        ("log", gettext("What was decided"), True),
        ("suppressed", gettext("Whom nobody contacts"), True),
        ("zones", gettext("Where customers live"), True),
        ("rules", gettext("Quiet hours and caps"), person.may(Role.MANAGER)),
    )
    return [Tab(n, reverse(f"gate:{key}"), key == current) for key, n, may in names if may]
