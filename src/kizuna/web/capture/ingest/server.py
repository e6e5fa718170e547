"""`kizuna ingest`: one process that takes events in, on granian; it ends in good order."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import Final

from granian.constants import Interfaces
from granian.server.embed import Server

from kizuna.web.capture.inbox import Inbox, open_inbox
from kizuna.web.capture.ingest.asgi import Ingest
from kizuna.web.capture.ingest.committer import Committer
from kizuna.web.capture.ingest.door import Door
from kizuna.web.capture.ingest.installed import door
from kizuna.web.capture.ingest.keyring import STALE_SECONDS, Keyring
from kizuna.web.logs import CONFIGURATION

BACKLOG: Final = 1024


def run(host: str, port: int) -> None:
    """Take events in until told to stop."""
    opened, inbox = door(), open_inbox()
    opened.keyring.refresh()
    try:
        asyncio.run(_serve(opened, inbox, host, port))
    finally:
        inbox.close()


async def _serve(opened: Door, inbox: Inbox, host: str, port: int) -> None:
    loop = asyncio.get_running_loop()
    committer = Committer(inbox, loop)
    server = Server(
        Ingest(opened, committer),
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        backlog=BACKLOG,
        websockets=False,
        log_dictconfig=CONFIGURATION,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    fresh = asyncio.create_task(_keep_fresh(opened.keyring))
    try:
        await server.serve()
    finally:
        fresh.cancel()
        with suppress(asyncio.CancelledError):
            await fresh
        await asyncio.to_thread(committer.close)


async def _keep_fresh(keyring: Keyring) -> None:
    while True:
        await asyncio.sleep(STALE_SECONDS)
        await asyncio.to_thread(keyring.refresh)
