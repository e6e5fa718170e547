"""One message read: what it says becomes rows, or it is refused whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from kizuna.pipeline.capture.messages import orders, traits
from kizuna.pipeline.capture.messages.bodies import Body, Part
from kizuna.pipeline.capture.messages.fields import LONGEST_ID, happened, held, json_of, text
from kizuna.pipeline.capture.messages.rows import Event, Link, Refused, Rows

KINDS = frozenset({"identify", "track", "page", "screen", "group", "alias"})
LONGEST_MESSAGE_ID = 100
LATE = timedelta(days=1)
"""What reaches us later than this is of the past: nothing should be set off by it."""
ANONYMOUS = "anon:"

type Currency = Callable[[], str | None]
"""Tells the currency of the orders so far; asked only where an order is read."""


def read(body: Body, part: Part, usual_currency: Currency) -> Rows:
    """Read one message of a body.

    Raises
    ------
    Refused
        When it cannot be used; then nothing of it is.

    """
    if part.refused is not None or part.said is None:
        raise part.refused or Refused("not_json")
    said = part.said
    event = _event(body, part, said)
    rows = Rows(event)
    rows.links = list(_links(event, said))
    if event.kind in {"identify", "group"}:
        known = held(said, "traits")
        of = traits.of_user if event.kind == "identify" else traits.of_group
        rows.traits = [of(event, known)]
    if orders.is_order(event):
        rows.order = orders.order_of(event, held(said, "properties"), usual_currency())
    if orders.is_change(event):
        rows.change = orders.change_of(event, held(said, "properties"), usual_currency())
    return rows


def _event(body: Body, part: Part, said: dict[str, Any]) -> Event:
    kind = said.get("type")
    if not isinstance(kind, str) or kind not in KINDS:
        raise Refused("unknown_type", "type")
    context = {**_shared_context(part), **held(said, "context")}
    user, anonymous, group = _who(said, kind, context)
    at = happened(said, part.shared, body.received_at)
    properties = held(said, "traits" if kind in {"identify", "group"} else "properties")
    return Event(
        text(said, "messageId", LONGEST_MESSAGE_ID) or part.name,
        kind,
        _name(said, kind, properties, context),
        user or f"{ANONYMOUS}{anonymous}",
        user,
        anonymous,
        group,
        at,
        body.received_at,
        _is_backdated(body, at),
        body.key_id,
        json_of(properties, "properties"),
        json_of(context, "context"),
    )


def _shared_context(part: Part) -> dict[str, Any]:
    return held(part.shared, "context")


def _who(
    said: dict[str, Any], kind: str, context: dict[str, Any]
) -> tuple[str | None, str | None, str | None]:
    user = text(said, "userId", LONGEST_ID)
    anonymous = text(said, "anonymousId", LONGEST_ID)
    group = text(said, "groupId", LONGEST_ID) or text(context, "groupId", LONGEST_ID)
    if user is None and (anonymous is None or kind == "alias"):
        raise Refused("no_customer", "userId")
    if kind == "group" and group is None:
        raise Refused("no_group", "groupId")
    return user, anonymous, group


def _name(
    said: dict[str, Any], kind: str, properties: dict[str, Any], context: dict[str, Any]
) -> str:
    if kind == "track":
        found = text(said, "event")
        if found is None:
            raise Refused("no_event", "event")
        return found
    if kind not in {"page", "screen"}:
        return kind
    page = context.get("page")
    places = (properties.get("path"), page.get("path") if isinstance(page, dict) else None)
    paths = (place[:200] for place in places if isinstance(place, str) and "\0" not in place)
    return text(said, "name") or text(said, "category") or next(paths, None) or kind


def _is_backdated(body: Body, at: datetime) -> bool:
    return body.call == "import" or body.received_at - at > LATE


def _links(event: Event, said: dict[str, Any]) -> list[Link]:
    found = []
    if event.user_id and event.anonymous_id:
        found.append(("anonymous", f"{ANONYMOUS}{event.anonymous_id}", event.user_id))
    if event.kind == "alias":
        previous = text(said, "previousId", LONGEST_ID)
        if previous is None:
            raise Refused("no_previous", "previousId")
        found.append(("alias", previous, event.customer_key))
    if event.kind == "group" and event.group_id:
        found.append(("member", event.customer_key, event.group_id))
    times = (event.happened_at, event.received_at)
    return [Link(event.message_id, *pair, *times) for pair in found]
