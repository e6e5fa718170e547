"""CloudEvents 1.0 over HTTP: structured, batched and binary, all kept as JSON."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

import msgspec

from kizuna.web.capture.ingest.bodies import HopelessError, count_of_events, head_of_message

PATH: Final = "/v1/cloudevents"
STRUCTURED: Final = "application/cloudevents+json"
BATCHED: Final = "application/cloudevents-batch+json"
NEEDED: Final = ("id", "source", "specversion", "type")


def event_body(headers: Mapping[str, str], body: bytes) -> tuple[bytes, int]:
    """Give what is kept of a request, and how many events it holds: an object, or a list."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == BATCHED:
        return body, count_of_events(body)
    if kind == STRUCTURED:
        return body, head_of_message(body).messages
    return _from_headers(headers, kind, body), 1


def _from_headers(headers: Mapping[str, str], kind: str, body: bytes) -> bytes:
    told = {name[3:]: unquote(value) for name, value in headers.items() if name[:3] == "ce-"}
    if missing := [name for name in NEEDED if not told.get(name)]:
        raise HopelessError(f"no header ce-{missing[0]}, and no content type of CloudEvents")
    event: dict[str, object] = {**told, "datacontenttype": kind or "application/json"}
    return msgspec.json.encode(event | _data(kind, body))


def _data(kind: str, body: bytes) -> dict[str, object]:
    if not body:
        return {}
    if kind in ("", "application/json") or kind.endswith("+json"):
        try:
            msgspec.json.decode(body)
        except (msgspec.DecodeError, RecursionError):
            raise HopelessError("the data of the event is not JSON") from None
        return {"data": msgspec.Raw(body)}
    return {"data_base64": base64.b64encode(body).decode("ascii")}
