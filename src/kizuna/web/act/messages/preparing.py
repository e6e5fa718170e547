"""Make letters of messages that are due, or say why there is none, in few reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.conf import settings

from kizuna.web.act.actions.whose import customers_of, keys_of
from kizuna.web.act.messages import addressing, rendering
from kizuna.web.act.messages.channels.protocol import Letter
from kizuna.web.act.messages.models import Channel, Missing, OutboxMessage, Text
from kizuna.web.act.messages.placeholders import VALUE
from kizuna.web.act.messages.variables import facts_of, known_of, language_of, values_of
from kizuna.web.act.messages.windows import opens, zones_of
from kizuna.web.capture.consents.messages import NoSenderError
from kizuna.web.capture.consents.models import Purpose, Sender
from kizuna.web.capture.consents.queries import sender
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.profiles.models import Contact


@dataclass(frozen=True, slots=True)
class Ready:
    """A message with its letter; `customer_id` is whose the key is now, `keys` all that are."""

    message: OutboxMessage
    customer_id: str
    language: str
    letter: Letter
    purpose: str
    topic: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotNow:
    """A message without a letter: dropped for good, or held; `stops` says that all of them are."""

    message: OutboxMessage
    reason: str
    detail: str = ""
    is_held: bool = False
    stops: bool = False
    until: datetime | None = None


type Prepared = Ready | NotNow


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all messages of a round need."""

    whose: Mapping[str, str]
    keys: Mapping[str, list[str]]
    facts: Mapping[str, CustomerFact]
    contacts: Mapping[tuple[str, str], Contact]
    handles: Mapping[str, dict[str, str]]
    purposes: Mapping[str, Purpose]
    who: Sender


def prepare(messages: Sequence[OutboxMessage], now: datetime) -> list[Prepared]:
    """Make a letter of each message that is within its hours."""
    shared = _shared(messages)
    found: list[Prepared] = _too_early(messages, shared, now)
    early = {one.message.pk for one in found}
    within = [message for message in messages if message.pk not in early]
    ordered = sorted(within, key=lambda m: (m.version_id, m.channel))
    for _key, group in groupby(ordered, key=lambda m: (m.version_id, m.channel)):
        found += _of_version(list(group), shared)
    return found


def _too_early(messages: Sequence[OutboxMessage], shared: _Shared, now: datetime) -> list[Prepared]:
    """Hold what is outside of its hours where the recipient lives."""
    bound = [m for m in messages if m.open_from is not None and m.open_until is not None]
    zones = zones_of([shared.whose[m.customer_id] for m in bound]) if bound else {}
    found: list[Prepared] = []
    for m in bound:
        hours = (m.open_from or 0, m.open_until or 0)
        until = opens(now, hours, zones[shared.whose[m.customer_id]])
        if until > now:
            found.append(NotNow(m, "window", is_held=True, until=until))
    return found


def _shared(messages: Sequence[OutboxMessage]) -> _Shared:
    ids = customers_of([m.customer_id for m in messages])
    mine = list(dict.fromkeys(ids.values()))
    channels = {m.channel for m in messages} & {Channel.LINE, Channel.SMS}
    return _Shared(
        whose=ids,
        keys=_keys(mine),
        facts=facts_of(mine),
        contacts=addressing.contacts_of(mine, [m.recipient for m in messages]),
        handles={one: addressing.handles_of(mine, one) for one in channels},
        purposes={p.code: p for p in Purpose.objects.filter(retired_at=None)},
        who=sender(),
    )


def _keys(customer_ids: Sequence[str]) -> dict[str, list[str]]:
    """Give the keys of those customers who have several."""
    found: dict[str, list[str]] = {}
    for key, customer_id in keys_of(customer_ids).items():
        found.setdefault(customer_id, []).append(key)
    return {customer_id: keys for customer_id, keys in found.items() if len(keys) > 1}


def _of_version(messages: list[OutboxMessage], shared: _Shared) -> list[Prepared]:
    texts = list(Text.objects.filter(version=messages[0].version_id))
    there = rendering.offered(texts, messages[0].channel)
    if not there:
        return [NotNow(m, "no_text") for m in messages]
    languages = {shared.whose[m.customer_id]: _language(m, shared, there) for m in messages}
    names = {name for text in there.values() for name in rendering.names_in(text)}
    facts = {one: shared.facts[one] for one in languages}
    known = known_of(facts, languages, names)
    found: list[Prepared] = []
    for m in messages:
        one = shared.whose[m.customer_id]
        contact = shared.contacts.get((one, m.recipient))
        known[one].contact = contact
        given = {f"{VALUE}{name}": str(value) for name, value in m.values.items()}
        values = values_of(known[one], (n for n in names if not n.startswith(VALUE))) | given
        found.append(_one(m, there[languages[one]], values, contact, shared))
    return found


def _language(m: OutboxMessage, shared: _Shared, there: Mapping[str, Text]) -> str:
    if m.language in there:
        return m.language
    usual = settings.LANGUAGE_CODE[:2]
    return language_of(shared.facts[shared.whose[m.customer_id]], there, usual)


def _one(
    m: OutboxMessage,
    text: Text,
    values: Mapping[str, str | None],
    contact: Contact | None,
    shared: _Shared,
) -> Prepared:
    customer_id = shared.whose[m.customer_id]
    if m.recipient and contact is None:
        return NotNow(m, "no_such_person")
    fact = shared.facts[customer_id]
    address = addressing.address_of(m.channel, fact, contact, shared.handles.get(m.channel, {}))
    if not address:
        return NotNow(m, "no_address")
    template = m.version.template
    about = rendering.About(
        customer_id=customer_id, address=address, number=m.pk, key=m.key,
        name=(contact.name if contact else fact.name) or "",
        purpose=shared.purposes.get(template.purpose), topic=template.topic,
        follows=template.follows, sender=shared.who,
    )  # fmt: skip
    try:
        letter = rendering.letter(text, values, about)
    except rendering.Lacking as lacking:
        stops = template.missing == Missing.STOP
        return NotNow(m, "missing_value", ", ".join(lacking.names)[:300], stops, stops)
    except NoSenderError as error:
        return NotNow(m, "no_sender", str(error)[:300], is_held=True)
    keys = tuple(shared.keys.get(customer_id, ()))
    return Ready(m, customer_id, text.language, letter, template.purpose, template.topic, keys)
