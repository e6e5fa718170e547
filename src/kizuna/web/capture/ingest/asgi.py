"""The application that takes events in, as bare ASGI: no framework between socket and commit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from kizuna.web.capture.inbox import InboxError
from kizuna.web.capture.ingest.committer import Committer, PressureError
from kizuna.web.capture.ingest.door import (
    AGAIN_SECONDS,
    PATHS,
    Answer,
    Ask,
    Door,
    RefusedError,
    kept,
    most_bytes,
    refused,
)
from kizuna.web.capture.ingest.keyring import MISSED_SECONDS

type Receive = Callable[[], Awaitable[dict[str, Any]]]
type Send = Callable[[dict[str, Any]], Awaitable[None]]

JSON: Final = (b"content-type", b"application/json")
OLD_SECONDS: Final = 60.0


class Ingest:
    """Answers each request once what it sent is durable."""

    def __init__(self, door: Door, committer: Committer) -> None:
        self.door, self.committer = door, committer

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1"): v.decode("latin-1") for name, v in scope["headers"]}
        ask = Ask(scope["method"], scope["path"], headers, b"")
        await _say(await self._answer(ask, receive), ask, self.door, send)

    async def _answer(self, ask: Ask, receive: Receive) -> Answer:
        if ask.method in ("GET", "HEAD"):
            return self._health(ask.path)
        if ask.method == "OPTIONS" and ask.path in PATHS:
            return self.door.preflight(ask)
        try:
            return await self._take(ask._replace(body=await _body(receive, most_bytes(ask.path))))
        except RefusedError as error:
            return refused(error)
        except (InboxError, PressureError):
            return refused(RefusedError(503, wait=AGAIN_SECONDS))

    async def _take(self, ask: Ask) -> Answer:
        try:
            arrival = self.door.admit(ask)
        except RefusedError as error:
            if error.status != 401:
                raise
            # a key may have been made this moment
            keyring = self.door.keyring
            await asyncio.to_thread(keyring.refresh, MISSED_SECONDS)
            arrival = self.door.admit(ask)
        await self.committer.keep(arrival)
        return kept()

    def _health(self, path: str) -> Answer:
        if path == "/health/live":
            return Answer(200, b'{"status": "live"}')
        if path != "/health/ready":
            return refused(RefusedError(405 if path in PATHS else 404))
        if self.committer.alive and self.door.keyring.age < OLD_SECONDS:
            return Answer(200, b'{"status": "ready"}')
        return refused(RefusedError(503, wait=AGAIN_SECONDS))


async def _body(receive: Receive, most: int) -> bytes:
    """Read a body, and stop where it is larger than is taken."""
    event = await receive()
    if not event.get("more_body"):
        return _whole(event, most)
    parts, size = [event.get("body", b"")], 0
    while event.get("more_body"):
        event = await receive()
        if event["type"] == "http.disconnect":
            raise RefusedError(400, "the body broke off")
        parts.append(event.get("body", b""))
        size += len(parts[-1])
        if size > most:
            raise RefusedError(413)
    return b"".join(parts)


def _whole(event: dict[str, Any], most: int) -> bytes:
    body: bytes = event.get("body", b"")
    if len(body) > most:
        raise RefusedError(413)
    return body


async def _say(answer: Answer, ask: Ask, door: Door, send: Send) -> None:
    more = (
        (*answer.headers, *door.opened_to(ask.headers)) if answer.status != 204 else answer.headers
    )
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in more]
    length = (b"content-length", str(len(answer.body)).encode())
    start = {"type": "http.response.start", "status": answer.status}
    await send(start | {"headers": [JSON, length, *headers]})
    body = b"" if ask.method == "HEAD" else answer.body
    await send({"type": "http.response.body", "body": body})
