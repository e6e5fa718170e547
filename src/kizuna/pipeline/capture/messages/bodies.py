"""A body as it was received, taken apart into messages: a bad one never spoils the rest."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from kizuna.pipeline.capture.messages import cloud
from kizuna.pipeline.capture.messages.rows import Refused, Reject

REPLAY = "replay="
BATCHES = frozenset({"batch", "import", "b", "cloudevents"})
"""Addresses to which several messages are sent at once."""
LARGEST = 512_000
"""Bytes of a message that is kept as it is; the door takes no larger one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What came in one request: where and when, under which write key, and its bytes.

    `name` is unique among all bodies, and is the same whenever this one is looked at again.
    """

    name: str
    received_at: datetime
    key_id: str
    path: str
    content: bytes

    @property
    def replays(self) -> str:
        """The reject that this body is a second try of; empty where it is none."""
        return self.path.partition(f"?{REPLAY}")[2]

    @property
    def call(self) -> str:
        """The last part of the path: track, batch, import, …"""
        return self.path.partition("?")[0].rstrip("/").rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a body: its name within all, and what it says, or why it cannot be read."""

    name: str
    raw: bytes
    said: dict[str, Any] | None
    shared: dict[str, Any]
    refused: Refused | None = None


class _Envelope(msgspec.Struct):
    batch: list[msgspec.Raw]
    sentAt: Any = None  # noqa: N815  -- as the specification spells it
    context: Any = None
    timestamp: Any = None


_envelope = msgspec.json.Decoder(_Envelope)
_raws = msgspec.json.Decoder(list[msgspec.Raw])
_any = msgspec.json.Decoder()


def parts(body: Body) -> Iterator[Part]:
    """Take a body apart; a second try of one message is one message."""
    if body.replays or body.call not in BATCHES:
        yield _part(body, body.replays or body.name, body.content, {})
        return
    found = _messages(body.content)
    if found is None:
        yield _part(body, body.name, body.content, {})
        return
    raws, shared = found
    for number, raw in enumerate(raws):
        yield _part(body, f"{body.name}-{number}", raw, shared)


def rejected(body: Body, part: Part, why: Refused) -> Reject:
    """Keep what was refused as it came, so that it can be tried again after a correction."""
    text, is_base64 = _kept(_with_shared(part))
    return Reject(
        # refused a second time it is another reject: the first was tried again
        body.name if body.replays else part.name,
        "rejected",
        why.code,
        why.field,
        body.path.partition("?")[0],
        body.key_id,
        body.received_at,
        text,
        is_base64,
    )


def replayed(body: Body) -> Reject:
    """Say of a reject that it was tried again."""
    path = body.path.partition("?")[0]
    values = (body.replays, "replayed", "", "", path, body.key_id, body.received_at, None, False)
    return Reject(*values)


def _messages(content: bytes) -> tuple[list[bytes], dict[str, Any]] | None:
    """Find the messages of a batch; None where it is no batch at all."""
    try:
        if content.lstrip()[:1] == b"[":
            return [bytes(raw) for raw in _raws.decode(content)], {}
        found = _envelope.decode(content)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return _leniently(content)
    shared = {"sentAt": found.sentAt, "context": found.context, "timestamp": found.timestamp}
    return [bytes(raw) for raw in found.batch], {k: v for k, v in shared.items() if v is not None}


def _leniently(content: bytes) -> tuple[list[bytes], dict[str, Any]] | None:
    """Part what is no strict JSON (NaN, bytes that are no UTF-8), so that one spoils no other."""
    try:
        said = json.loads(content.decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError):
        return None
    listed = said if isinstance(said, list) else isinstance(said, dict) and said.get("batch")
    if not isinstance(listed, list):
        return None
    shared = {k: said.get(k) for k in ("sentAt", "context") if isinstance(said, dict)}
    return [_bytes(message) for message in listed], {k: v for k, v in shared.items() if v}


def _bytes(said: Any) -> bytes:
    try:
        return json.dumps(said, ensure_ascii=False).encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a character, which the message itself wrote as an escape
        return json.dumps(said).encode()


def _part(body: Body, name: str, raw: bytes, shared: dict[str, Any]) -> Part:
    try:
        said = _said(raw)
    except Refused as why:
        return Part(name, raw, None, shared, why)
    if "specversion" in said:
        said = cloud.as_message(said)
    elif "type" not in said and body.call not in BATCHES:
        said = {**said, "type": body.call}
    return Part(name, raw, said, shared)


def _said(raw: bytes) -> dict[str, Any]:
    if len(raw) > LARGEST:
        raise Refused("too_large")
    try:
        said = _any.decode(raw)
    except RecursionError:
        raise Refused("too_deep") from None
    except UnicodeDecodeError:
        raise Refused("not_utf8") from None
    except msgspec.MsgspecError:
        raise Refused("not_json" if _is_utf8(raw) else "not_utf8") from None
    if not isinstance(said, dict):
        raise Refused("not_object")
    return said


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _with_shared(part: Part) -> bytes:
    """Give the message with what its batch said for all, or as it came where it is none."""
    if part.said is None or not part.shared:
        return part.raw
    return msgspec.json.encode({**part.shared, **part.said})


def _kept(raw: bytes) -> tuple[str, bool]:
    try:
        return raw.decode("utf-8"), False
    except UnicodeDecodeError:
        return base64.b64encode(raw).decode("ascii"), True
