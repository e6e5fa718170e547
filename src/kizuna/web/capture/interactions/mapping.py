"""What a program sends, as contacts: where each part is, by paths such as `user.emails[0]`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from kizuna.pipeline.capture.contacts import KNOWN
from kizuna.pipeline.capture.messages.rows import Refused

PARTS: Final = (
    "interaction_id", "customer_id", "email", "happened_at", "channel", "direction", "case_id",
    "agent", "subject", "text", "wait_seconds", "minutes", "transfers", "outcome",
)  # fmt: skip
NEEDED: Final = ("interaction_id", "happened_at", "channel")
PATH: Final = re.compile(r"[^.\[\]=\s]+(\[\d{1,3}\])*(\.[^.\[\]=\s]+(\[\d{1,3}\])*)*")
STEP: Final = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
CONSTANT: Final = "="
MOST_ITEMS: Final = 1_000


def is_path(text: str) -> bool:
    """Tell whether a text is a path, or `=` and a value that stands for itself."""
    return text.startswith(CONSTANT) or PATH.fullmatch(text) is not None


def items(body: Any, path: str) -> Iterator[Any]:
    """Give the parts of a body that are to be contacts: the body, its elements, or those within."""
    found = at(body, path) if path else body
    if isinstance(found, list):
        if len(found) > MOST_ITEMS:
            raise Refused("too_many")
        yield from found
    elif found is not None:
        yield found


def mapped(item: Any, mapping: Mapping[str, str]) -> dict[str, Any]:
    """Give what an item says of a contact, by the names of the table, and `email`."""
    if not isinstance(item, dict):
        raise Refused("not_object")
    if not mapping:
        return {name: item[name] for name in (*KNOWN, "email") if name in item}
    return {name: _value(item, path) for name, path in mapping.items()}


def at(held: Any, path: str) -> Any:
    """Follow a path; None where it ends."""
    for name, number in STEP.findall(path):
        if name:
            held = held.get(name) if isinstance(held, dict) else None
        else:
            held = held[int(number)] if isinstance(held, list) and int(number) < len(held) else None
    return held


def _value(item: dict[str, Any], path: str) -> Any:
    return path[1:] if path.startswith(CONSTANT) else at(item, path)
