"""Reads: the outbox with its numbers, one message with what came of it, templates, channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from kizuna.web.act.actions.models import Action
from kizuna.web.act.gate.models import Entry
from kizuna.web.act.messages import gating, wording
from kizuna.web.act.messages.channels import is_ready
from kizuna.web.act.messages.models import (
    ENDED,
    LINED_UP,
    Bounce,
    BounceKind,
    Channel,
    Hit,
    Leftover,
    OutboxMessage,
    Returned,
    Setup,
    State,
    Template,
    TemplateVersion,
    Text,
)
from kizuna.web.capture.identities.queries import belonging
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.ui.leafing import Leafing

A_PAGE = 50
A_DAY, A_MONTH = timedelta(days=1), timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Line:
    """A message in a list."""

    message: OutboxMessage
    name: str
    mood: str
    reason: str


@dataclass(frozen=True, slots=True)
class Lines(Leafing):
    """A page of the outbox."""

    items: Sequence[Line]
    number: int
    has_next: bool


@dataclass(frozen=True, slots=True)
class CameBack(Leafing):
    """A page of what came back, each with the customer's name."""

    items: Sequence[tuple[Bounce, str]]
    number: int
    has_next: bool


@dataclass(frozen=True, slots=True)
class Way:
    """A channel: whether it is known how it is reached, and what troubles it."""

    channel: str
    label: str
    is_ready: bool
    setup: Setup | None


@dataclass(frozen=True, slots=True)
class Story:
    """One message, and everything that came of it."""

    line: Line
    decisions: list[tuple[Entry, str]]
    hits: list[tuple[Hit, str]]
    bounces: list[Any]
    texts: list[Text]


def numbers(now: datetime) -> dict[str, int]:
    """Count what is lined up, what is uncertain, and what ended within a day."""
    rows = OutboxMessage.objects
    found = {state.value: rows.filter(state=state).count() for state in LINED_UP}
    found[State.UNCERTAIN.value] = rows.filter(state=State.UNCERTAIN).count()
    for state in (State.SENT, State.DROPPED, State.REFUSED):
        found[state.value] = rows.filter(state=state, ended_at__gt=now - A_DAY).count()
    return found


def outbox(state: str, number: int) -> Lines:
    """Give a page of messages: those under way by their moment, those that ended latest first."""
    rows: QuerySet[OutboxMessage] = OutboxMessage.objects.select_related(
        "action", "version__template"
    )
    if state in {one.value for one in ENDED}:
        rows = rows.filter(state=state).order_by("-ended_at", "-pk")
    elif state:
        rows = rows.filter(state=state).order_by("due_at", "pk")
    else:
        rows = rows.order_by("-pk")
    start = (number - 1) * A_PAGE
    found = list(rows[start : start + A_PAGE + 1])
    return Lines(_lines(found[:A_PAGE]), number, len(found) > A_PAGE)


def of_action(action_id: int, number: int) -> Lines:
    """Give a page of the messages of an action, those asked for last first."""
    rows = OutboxMessage.objects.filter(action=action_id)
    rows = rows.select_related("action", "version__template").order_by("-pk")
    start = (number - 1) * A_PAGE
    found = list(rows[start : start + A_PAGE + 1])
    return Lines(_lines(found[:A_PAGE]), number, len(found) > A_PAGE)


def of_customer(customer_id: str, many: int) -> list[Line]:
    """Give the latest messages to a customer, under whichever key."""
    rows = OutboxMessage.objects.filter(belonging(customer_id))
    found = rows.select_related("action", "version__template").order_by("-asked_at", "-pk")
    return _lines(list(found[:many]))


def story(pk: int) -> Story | None:
    """Tell everything of one message."""
    rows = OutboxMessage.objects.select_related("action", "version__template")
    message = rows.filter(pk=pk).first()
    if message is None:
        return None
    decisions = Entry.objects.filter(key=gating.key_of(message)).order_by("pk")
    return Story(
        _lines([message])[0],
        [(entry, wording.reason(entry.reason)) for entry in decisions],
        [(hit, wording.reason(hit.why) if hit.why else "") for hit in message.hits.order_by("at")],
        list(message.bounces.order_by("at")),
        _texts(message),
    )


def _texts(message: OutboxMessage) -> list[Text]:
    """Give the words of a message; while its language is not chosen, those of every one."""
    found = Text.objects.filter(version=message.version_id, channel=message.channel)
    return list(found.filter(language=message.language) if message.language else found)


def _lines(found: Sequence[OutboxMessage]) -> list[Line]:
    ids = {message.customer_id for message in found}
    names = dict(CustomerFact.objects.filter(pk__in=ids).values_list("customer_id", "name"))
    return [
        Line(
            message,
            names.get(message.customer_id) or message.customer_id,
            wording.MOODS[State(message.state)],
            wording.reason(message.reason) if message.reason else "",
        )
        for message in found
    ]


def come_back(number: int) -> CameBack:
    """Give a page of what came back, the latest first."""
    start = (number - 1) * A_PAGE
    rows = Bounce.objects.select_related("message__action").order_by("-at", "-pk")
    found = list(rows[start : start + A_PAGE + 1])
    shown = found[:A_PAGE]
    ids = {row.customer_id for row in shown}
    names = dict(CustomerFact.objects.filter(pk__in=ids).values_list("customer_id", "name"))
    items = [(row, names.get(row.customer_id) or row.customer_id) for row in shown]
    return CameBack(items, number, len(found) > A_PAGE)


def numbers_back(now: datetime) -> dict[str, int]:
    """Count what came back of late, by kind, and what was sent meanwhile."""
    rows = Bounce.objects.filter(at__gt=now - A_MONTH, channel=Channel.EMAIL)
    found = dict(rows.order_by().values_list("kind").annotate(n=Count("pk")))
    sent = OutboxMessage.objects.filter(channel=Channel.EMAIL, handed_at__gt=now - A_MONTH)
    return {kind.value: found.get(kind.value, 0) for kind in BounceKind} | {"sent": sent.count()}


def left_over() -> list[Returned]:
    """Give the mails that wait for a person to look, the latest first; letters behind reports."""
    is_letter = Q(why=Leftover.NO_REPORT)
    waiting = Returned.objects.filter(done_at=None).annotate(is_letter=is_letter)
    return list(waiting.order_by("is_letter", "-at", "-pk")[:A_PAGE])


def waiting() -> tuple[int, int]:
    """Count the mails that wait for a person, and those of them that are no reports."""
    rows = Returned.objects.filter(done_at=None)
    return rows.count(), rows.filter(why=Leftover.NO_REPORT).count()


def templates() -> list[tuple[Template, list[str]]]:
    """List the templates, those in use first, each with its channels and languages."""
    listed = list(Template.objects.order_by("retired_at", "name"))
    texts = Text.objects.select_related("version").filter(version__template__in=listed)
    there: dict[tuple[int, int], list[str]] = {}
    for text in texts.order_by("channel", "language"):
        label = f"{Channel(text.channel).label} · {text.language}"
        there.setdefault((text.version.template_id, text.version.number), []).append(label)
    ordered = sorted(listed, key=lambda one: (one.retired_at is not None, one.name))
    return [(one, there.get((one.pk, one.version), [])) for one in ordered]


def template(pk: int) -> Template | None:
    """Give a template."""
    return Template.objects.filter(pk=pk).first()


def texts_of(one: Template) -> list[Text]:
    """Give the latest words of a template."""
    found = TemplateVersion.objects.filter(template=one, number=one.version)
    return list(Text.objects.filter(version__in=found).order_by("channel", "language"))


def example() -> str:
    """Name a customer with a mail address, to look at a template with; '' where there is none."""
    found = CustomerFact.objects.filter(email__gt="").order_by("email", "customer_id")
    return found.values_list("customer_id", flat=True).first() or ""


def versions_of(one: Template) -> list[TemplateVersion]:
    """List the versions of a template, the latest first."""
    return list(one.versions.select_related("made_by").order_by("-number")[:20])


def is_taken(name: str, but_for: int | None) -> bool:
    """Tell whether another template has a name."""
    others = Template.objects.filter(name=name)
    return (others.exclude(pk=but_for) if but_for else others).exists()


def usable() -> QuerySet[Template]:
    """Give the templates that may be sent."""
    return Template.objects.filter(retired_at=None, version__gt=0).order_by("name")


def ways() -> list[Way]:
    """Give every channel, and how it stands."""
    setups = {setup.channel: setup for setup in Setup.objects.all()}
    return [
        Way(channel.value, str(channel.label), is_ready(channel), setups.get(channel.value))
        for channel in Channel
    ]


def counts(action: Action, step: str | None = None) -> list[tuple[str, str, int]]:
    """Count the messages of an action by state and reason."""
    rows = OutboxMessage.objects.filter(action=action)
    if step is not None:
        rows = rows.filter(step=step)
    found = rows.order_by().values("state", "reason").annotate(n=Count("pk"))
    return [(row["state"], row["reason"], row["n"]) for row in found.order_by("state", "reason")]
