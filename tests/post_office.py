"""A mail server of the tests' own that refuses, fails, hangs and breaks off as it is told to."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from multiprocessing import get_context
from random import Random
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from web_installations import free_port

BACKEND = "kizuna.web.act.messages.channels.smtp.EmailBackend"
HABITS = (
    "refuse",
    "later",
    "data_later",
    "data_refused",
    "hang_up_after",
    "hang_up_before",
    "mute",
)


class PostOffice:
    """Takes mails; each habit has a share of the mails.

    `refuse` and `later` answer the recipient with 550 and 451, `data_…` the mail; `hang_up_after`
    takes a mail and breaks off without a word, `mute` takes it and never answers,
    `hang_up_before` breaks off before it is sent.
    """

    def __init__(self, seed: int = 1, **shares: float) -> None:
        self.shares, self.chance, self.lock = shares, Random(seed), threading.Lock()
        self.mails: list[Any] = []
        self.taken: Counter[str] = Counter()
        self.habits: Counter[str] = Counter()
        self.keep_mails = True
        self.in_one_go, self.greeted, self.ways = 1.0, 0, Random(seed)

    async def handle_EHLO(
        self, _server: SMTP, session: Any, _envelope: Any, name: str, said: list[str]
    ) -> list[str]:
        """Offer to so many, by share, that commands come together (RFC 2920)."""
        session.host_name = name
        with self.lock:
            self.greeted += 1
            together = self.ways.random() < self.in_one_go
        return [said[0], "250-PIPELINING", *said[1:]] if together else said

    def habit(self, *among: str) -> str:
        """Draw what is done now."""
        with self.lock:
            drawn = self.chance.random()
            for name in among:
                drawn -= self.shares.get(name, 0.0)
                if drawn < 0:
                    self.habits[name] += 1
                    return name
        return ""

    async def handle_RCPT(
        self, server: SMTP, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Answer a recipient."""
        found = self.habit("refuse", "later", "hang_up_before")
        if found == "hang_up_before":
            self._hang_up(server)
        answers = {
            "refuse": "550 5.1.1 no such user",
            "later": "451 4.7.1 come back later",
        }
        if found in answers:
            return answers[found]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: SMTP, _session: Any, envelope: Any) -> str:
        """Take a mail, or not."""
        found = self.habit("data_later", "data_refused", "hang_up_after", "mute")
        if found == "data_later":
            return "452 4.3.1 no room"
        if found == "data_refused":
            return "554 5.7.1 refused"
        self._take(envelope)
        if found == "hang_up_after":
            self._hang_up(server)
        if found == "mute":
            await asyncio.sleep(3600)
        return "250 2.0.0 taken"

    def _take(self, envelope: Any) -> None:
        with self.lock:
            self.taken[envelope.rcpt_tos[0]] += 1
            if self.keep_mails:
                mail = message_from_bytes(envelope.content, policy=policy.default)
                mail.add_header("X-Envelope-From", envelope.mail_from)
                self.mails.append(mail)

    @staticmethod
    def _hang_up(server: SMTP) -> None:
        transport: Any = server.transport
        transport.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


class Elsewhere:
    """The same mail server in a process of its own, whose work does not hold up whoever asks."""

    def __init__(self, port: int, seed: int = 1, **shares: float) -> None:
        self.line, theirs = get_context("spawn").Pipe()
        self.process = get_context("spawn").Process(
            target=_serve, args=(theirs, port, seed, shares), daemon=True
        )
        self.process.start()
        self.line.recv()

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.join()

    @property
    def arrived(self) -> int:
        """How many mails were taken."""
        return int(self._ask("arrived"))

    @property
    def taken(self) -> Counter[str]:
        """How many mails each address got."""
        return Counter(self._ask("taken"))

    @property
    def habits(self) -> Counter[str]:
        """How often each habit showed."""
        return Counter(self._ask("habits"))

    def _ask(self, what: str) -> Any:
        self.line.send(what)
        return self.line.recv()


def _serve(line: Any, port: int, seed: int, shares: dict[str, float]) -> None:
    logging.disable()
    office = PostOffice(seed, **shares)
    office.keep_mails, office.in_one_go = False, 0.5
    Controller(office, hostname="127.0.0.1", port=port).start()
    line.send("up")
    while True:
        what = line.recv()
        with office.lock:
            line.send(office.taken.total() if what == "arrived" else getattr(office, what))


@contextmanager
def post_office(
    settings: Any, seed: int = 1, timeout: float = 5, **shares: float
) -> Iterator[PostOffice]:
    """Run a server, and have mail to customers go there."""
    office, port = PostOffice(seed, **shares), free_port()
    server = Controller(office, hostname="127.0.0.1", port=port)
    server.start()
    options = {"host": "127.0.0.1", "port": port, "timeout": timeout}
    settings.MAILERS = {
        "default": {"BACKEND": BACKEND, "OPTIONS": options},
        "customers": {"BACKEND": BACKEND, "OPTIONS": options},
    }
    settings.SMTP_HOST = "127.0.0.1"
    try:
        yield office
    finally:
        server.stop(no_assert=True)
