"""The talk with a mail server: in one go, broken off in time, and not begun anew for a refusal."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from kizuna.web.act.messages.channels import mail as channel
from kizuna.web.act.messages.channels.protocol import Fate, Letter, Outcome
from post_office import BACKEND, post_office

LETTER = Letter(number=1, key="k", address="c@example.jp", text="x")


@contextmanager
def scripted(settings: Any, answers: bytes) -> Iterator[list[bytes]]:
    """Run a server that answers what comes before a text with `answers`; give what it was told."""
    told: list[bytes] = []

    def talk() -> None:
        line, _who = door.accept()
        with line:
            line.sendall(b"220 x\r\n")
            line.recv(4096)
            line.sendall(b"250-x\r\n250 PIPELINING\r\n")
            told.append(line.recv(4096))
            line.sendall(answers)
            told.append(line.recv(4096))

    with socket.create_server(("127.0.0.1", 0)) as door:
        at = threading.Thread(target=talk)
        at.start()
        options = {"host": "127.0.0.1", "port": door.getsockname()[1], "timeout": 5}
        settings.MAILERS = {"customers": {"BACKEND": BACKEND, "OPTIONS": options}}
        yield told
        at.join()


def sent() -> Outcome:
    """Send a letter, and let go."""
    made = channel.Mail()
    outcome = made.send(LETTER)
    made.close()
    return outcome


@pytest.mark.parametrize(
    ("answers", "fate", "then"),
    [
        (b"250 ok\r\n550 5.1.1 no such user\r\n554 nobody\r\n", Fate.REFUSED, b"rset"),
        (b"250 ok\r\n550 5.1.1 no such user\r\n354 go on\r\n", Fate.REFUSED, b""),
        (b"250 ok\r\n451 later\r\n503 nobody\r\n", Fate.AGAIN, b"rset"),
        (b"250 ok\r\n421 leaving\r\n", Fate.AGAIN, b""),
        (b"421 leaving\r\n", Fate.AGAIN, b""),
        (b"550 not you\r\n503 first\r\n503 first\r\n", Fate.AGAIN, b"rset"),
        (b"250 ok\r\n250 ok\r\n452 no room\r\n", Fate.AGAIN, b"rset"),
    ],
)
def test_what_comes_before_the_text_goes_at_once_and_a_no_is_heard(
    settings: Any, answers: bytes, fate: Fate, then: bytes
) -> None:
    with scripted(settings, answers) as told:
        assert sent().fate == fate
    before, after = told
    assert [line[:4] for line in before.splitlines()] == [b"mail", b"rcpt", b"data"]
    assert after.strip() == then


def test_a_refusal_costs_no_new_connection(settings: Any) -> None:
    with post_office(settings, refuse=0.5, data_later=0.5) as office:
        made = channel.Mail()
        fates = {made.send(LETTER).fate for _turn in range(20)}
        made.close()
    assert fates == {Fate.SENT, Fate.REFUSED, Fate.AGAIN}
    assert office.greeted == 1
