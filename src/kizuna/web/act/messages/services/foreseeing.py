"""Of a message that is not written yet: to whom it would not go, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kizuna.web.act.actions.models import Action
from kizuna.web.act.actions.whose import batches, customers_of
from kizuna.web.act.gate.services import Contact, foreseen
from kizuna.web.act.messages import addressing
from kizuna.web.act.messages.models import Template
from kizuna.web.act.messages.services.outbox import latest_words, ways_of
from kizuna.web.act.messages.variables import facts_of


def stopped(
    *,
    action: Action,
    template: Template,
    customer_ids: Sequence[str],
    recipient: str = "",
    at: datetime,
) -> dict[str, str]:
    """Give for each customer whom it would not reach the reason why.

    What the gate would say for good counts, and who has no address; caps and hours pass.

    Raises
    ------
    NotWrittenError
        When the template has no words, or is used no more.

    """
    _version, channels = latest_words(template, None)
    found: dict[str, str] = {}
    for some in batches(customer_ids):
        ways = ways_of(some, channels, recipient)
        found |= _without_address(some, ways, recipient)
        contacts = [
            Contact(one, one, ways[one], action, template.purpose, template.topic)
            for one in some
            if one not in found
        ]
        found |= {key: no.reason for key, no in foreseen(contacts=contacts, at=at).items()}
    return found


def _without_address(some: Sequence[str], ways: dict[str, str], recipient: str) -> dict[str, str]:
    whose = customers_of(some)
    mine = list(dict.fromkeys(whose.values()))
    facts, people = facts_of(mine), addressing.contacts_of(mine, [recipient])
    handles = {channel: addressing.handles_of(mine, channel) for channel in set(ways.values())}
    found: dict[str, str] = {}
    for one in some:
        person = people.get((whose[one], recipient))
        if recipient and person is None:
            found[one] = "no_such_person"
        elif not addressing.address_of(ways[one], facts[whose[one]], person, handles[ways[one]]):
            found[one] = "no_address"
    return found
