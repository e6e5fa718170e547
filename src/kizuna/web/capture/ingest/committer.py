"""Group commit: what came while one commit was under way goes into the next, all in one."""

from __future__ import annotations

import asyncio
import logging
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final

from kizuna.web.capture.inbox import Arrival, Inbox, InboxError

WAITING_BYTES: Final = 64_000_000
COMMIT_BYTES: Final = 8_000_000
_log = logging.getLogger("kizuna.ingest")

type Told = asyncio.Future[None]
type Waiting = tuple[Arrival, Told]


class PressureError(Exception):
    """More waits to be kept than may wait."""


class Committer:
    """One thread that keeps, and the loop whose requests wait for it."""

    def __init__(
        self,
        inbox: Inbox,
        loop: asyncio.AbstractEventLoop,
        *,
        most_waiting: int = WAITING_BYTES,
    ) -> None:
        self._inbox, self._loop, self._most = inbox, loop, most_waiting
        self._queue = SimpleQueue[Waiting | None]()
        self._bytes = 0
        self.failing = False
        self._thread = Thread(target=self._run, name="committer", daemon=True)
        self._thread.start()

    def keep(self, arrival: Arrival) -> Told:
        """Give what is done once the arrival is durable, and raises InboxError if it is not."""
        if self._bytes > self._most:
            raise PressureError
        self._bytes += len(arrival.body) + 200
        told = self._loop.create_future()
        self._queue.put((arrival, told))
        return told

    def close(self) -> None:
        """Keep what waits, and end."""
        self._queue.put(None)
        self._thread.join()

    @property
    def alive(self) -> bool:
        """Whether commits go through."""
        return self._thread.is_alive() and not self.failing

    def _run(self) -> None:
        while batch := self._next():
            error = self._kept([arrival for arrival, _told in batch])
            self._loop.call_soon_threadsafe(self._tell, batch, error)

    def _next(self) -> list[Waiting]:
        first = self._queue.get()
        batch, size = list[Waiting](), 0
        while first is not None:
            batch.append(first)
            size += len(first[0].body)
            if size > COMMIT_BYTES:
                break
            try:
                first = self._queue.get_nowait()
            except Empty:
                break
        if first is None and batch:
            self._queue.put(None)  # the end comes after what was before it
        return batch

    def _kept(self, arrivals: list[Arrival]) -> Exception | None:
        try:
            self._inbox.append(arrivals)
        except Exception as error:
            if not self.failing or not isinstance(error, InboxError):
                _log.exception("events could not be kept")
            self.failing = True
            return error
        self.failing = False
        return None

    def _tell(self, batch: list[Waiting], error: Exception | None) -> None:
        for arrival, told in batch:
            self._bytes -= len(arrival.body) + 200
            if told.done():
                continue  # whoever sent it has gone
            if error is None:
                told.set_result(None)
            else:
                told.set_exception(error)
