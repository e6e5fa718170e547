"""CloudEvents 1.0 as messages: `source` and `id` name it, `subject` is who, `data` what."""

from __future__ import annotations

import hashlib
from typing import Any

OURS = frozenset({"userid", "anonymousid"})


def as_message(said: dict[str, Any]) -> dict[str, Any]:
    """Give the track message that an event of another system stands for."""
    data = said.get("data")
    held = data if isinstance(data, dict) else {} if data is None else {"data": data}
    if "data_base64" in said:
        held = {**held, "data_base64": said["data_base64"]}
    return {
        "type": "track",
        "messageId": _name(said.get("source"), said.get("id")),
        "event": said.get("type"),
        "userId": said.get("userid") or said.get("subject") or held.get("userId"),
        "anonymousId": said.get("anonymousid") or held.get("anonymousId"),
        "timestamp": said.get("time"),
        "properties": held,
        "context": {
            "cloudEvent": {k: v for k, v in said.items() if k not in {"data", "data_base64", *OURS}}
        },
    }


def _name(source: Any, number: Any) -> str | None:
    """Name it by both: the one alone is unique for its source only."""
    if not isinstance(number, str) or not number:
        return None
    whole = f"{source}#{number}"
    return whole if len(whole) <= 100 else hashlib.sha256(whole.encode()).hexdigest()
