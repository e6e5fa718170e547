"""The door: which requests are let in, and what is said to those that are not."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from kizuna.web.capture.inbox import Arrival
from kizuna.web.capture.ingest import bodies, cloud
from kizuna.web.capture.ingest.bodies import BATCH_BYTES, MESSAGE_BYTES, HopelessError
from kizuna.web.capture.ingest.keyring import Keyring, Known
from kizuna.web.capture.ingest.limits import Limits

CALLS: Final = {
    f"/v1/{name}": f"/v1/{name}"
    for name in ("identify", "track", "page", "screen", "group", "alias")
} | {
    # as the browser clients of Segment call them
    "/v1/i": "/v1/identify",
    "/v1/t": "/v1/track",
    "/v1/p": "/v1/page",
    "/v1/s": "/v1/screen",
    "/v1/g": "/v1/group",
    "/v1/a": "/v1/alias",
}
BATCHES: Final = frozenset({"/v1/batch", "/v1/import", "/v1/b"})
PATHS: Final = frozenset({*CALLS, *BATCHES, cloud.PATH})
HISTORY: Final = "/v1/import"
AGAIN_SECONDS: Final = 5
WORDS: Final = {
    401: "no write key, or one that is not in use",
    403: "this key is not for where the request came from",
    404: "there is nothing at this address",
    405: "send with POST",
    413: f"a message may have {MESSAGE_BYTES} bytes, a batch {BATCH_BYTES}",
    415: "the only compression taken is gzip",
    429: "more messages a second than this key may send",
    503: "not kept: try again",
}

type Headers = Mapping[str, str]


class Ask(NamedTuple):
    """A request: names of headers in small letters."""

    method: str
    path: str
    headers: Headers
    body: bytes


class Answer(NamedTuple):
    """What is said to a request."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


class RefusedError(Exception):
    """A request that is not let in."""

    def __init__(self, status: int, words: str = "", wait: int = 0) -> None:
        self.status, self.words, self.wait = status, words or WORDS[status], wait


def most_bytes(path: str) -> int:
    """Say how large a body to a path may be, compressed or not."""
    return MESSAGE_BYTES if path in CALLS else BATCH_BYTES


class Door:
    """Who may send what; it keeps nothing and waits for nothing."""

    def __init__(
        self,
        keyring: Keyring,
        limits: Limits,
        now: Callable[[], datetime],
        clock: Callable[[], float],
    ) -> None:
        self.keyring, self.limits, self._now, self._clock = keyring, limits, now, clock

    def admit(self, ask: Ask) -> Arrival:
        """Give what is to be kept of a request, or raise RefusedError."""
        if ask.path not in PATHS:
            raise RefusedError(404)
        if ask.method != "POST":
            raise RefusedError(405)
        body, path, text, messages = _read(ask)
        known = self._known(ask, text or key_in(ask.headers), path)
        wait = self.limits.take(known.id, known.per_second, messages, self._clock())
        if wait:
            raise RefusedError(429, wait=wait)
        return Arrival(self._now(), known.id, path, body)

    def _known(self, ask: Ask, text: str, path: str) -> Known:
        known = self.keyring.find(text)
        if known is None:
            raise RefusedError(401)
        origin = ask.headers.get("origin")
        if (origin and not known.may_come_from(origin)) or (known.browser and path == HISTORY):
            raise RefusedError(403)
        return known

    def preflight(self, ask: Ask) -> Answer:
        """Tell a browser whether a page may send here."""
        allowed = (
            ("Access-Control-Allow-Methods", "POST"),
            ("Access-Control-Allow-Headers", "authorization, content-encoding, content-type"),
            ("Access-Control-Max-Age", "3600"),
        )
        opened = self.opened_to(ask.headers)
        return Answer(204, b"", (*opened, *allowed) if opened else ())

    def opened_to(self, headers: Headers) -> tuple[tuple[str, str], ...]:
        """Give the headers by which a page may read the answer."""
        origin = headers.get("origin")
        if not origin or not self.keyring.allows(origin):
            return ()
        return (("Access-Control-Allow-Origin", origin), ("Vary", "Origin"))


def kept() -> Answer:
    """Say that what was sent outlasts a loss of power."""
    return Answer(200, b'{"success": true}')


def refused(error: RefusedError) -> Answer:
    """Say why something was not let in, and when to come again."""
    words = error.words.replace('"', "'").replace("\\", "/")
    body = f'{{"success": false, "status": {error.status}, "message": "{words}"}}'.encode()
    wait = (("Retry-After", str(error.wait)),) if error.wait else ()
    basic = (("WWW-Authenticate", 'Basic realm="write key"'),) if error.status == 401 else ()
    allow = (("Allow", "POST, OPTIONS"),) if error.status == 405 else ()
    return Answer(error.status, body, (*wait, *basic, *allow))


def key_in(headers: Headers) -> str:
    """Give the write key of the headers: the name of HTTP Basic, or a bearer's token."""
    kind, _, given = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return given.strip()
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(given, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _read(ask: Ask) -> tuple[bytes, str, str, int]:
    """Give the body, the path it is kept under, the key it names, and its messages."""
    encoding = ask.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", ""):
        raise RefusedError(415)
    try:
        body = bodies.inflated(ask.body, encoding, most_bytes(ask.path))
        if ask.path == cloud.PATH:
            body, count = cloud.event_body(ask.headers, body)
            return body, ask.path, "", count
        batch = ask.path in BATCHES
        head = bodies.head_of_batch(body) if batch else bodies.head_of_message(body)
    except HopelessError as error:
        raise RefusedError(400, str(error)) from None
    except bodies.TooLargeError:
        raise RefusedError(413) from None
    named = "" if key_in(ask.headers) else head.write_key
    return body, CALLS.get(ask.path, ask.path), named, head.messages
