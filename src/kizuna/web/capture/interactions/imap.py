"""A mailbox over IMAP, read and never changed: mails stay unread, nothing is deleted or moved."""

from __future__ import annotations

import base64
import imaplib
import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from typing import Any, Final

from django.conf import settings

from kizuna.web.accounts.secrecy import reveal
from kizuna.web.capture.interactions.models import Mailbox, Security
from kizuna.web.outgoing import Door, Refused, Unanswered

SECONDS: Final = 30.0
AT_ONCE: Final = 25
MOST_BYTES: Final = 2_000_000
"""Of a longer mail the beginning is read: what follows is attached."""
UID: Final = re.compile(rb"\bUID (\d+)")
MONTHS: Final = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


class MailboxError(Exception):
    """The mailbox cannot be read: `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Opened:
    """A mailbox that is open for reading."""

    def __init__(self, line: imaplib.IMAP4, validity: int) -> None:
        self.line, self.validity = line, validity

    def uids(self, after: int, since_on: date) -> list[int]:
        """Name the mails that came after one, and not before a day."""
        day = f"{since_on.day}-{MONTHS[since_on.month - 1]}-{since_on.year}"
        data = self._asked("SEARCH", "UID", f"{after + 1}:*", "SINCE", day)
        # '5:*' also names the last mail where there is none from 5 on
        return sorted(uid for uid in map(int, (data[0] or b"").split()) if uid > after)

    def mails(self, uids: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        """Give mails as they are."""
        listed = ",".join(map(str, uids))
        data = self._asked("FETCH", listed, f"(UID BODY.PEEK[]<0.{MOST_BYTES}>)")
        for place, part in enumerate(data):
            if isinstance(part, tuple):
                after = data[place + 1] if place + 1 < len(data) else b""
                said = part[0] + (after if isinstance(after, bytes) else b"")
                if found := UID.search(said):
                    yield int(found[1]), part[1]

    def _asked(self, command: str, *said: str) -> list[Any]:
        kind, data = self.line.uid(command, *said)
        if kind != "OK":
            raise MailboxError("answer")
        return data


@contextmanager
def opened(mailbox: Mailbox) -> Iterator[Opened]:
    """Open a mailbox for reading alone.

    Raises
    ------
    MailboxError
        Where it may not be called, does not answer, or lets nobody in.

    """
    try:
        with _let_in(mailbox) as line:
            yield _examined(line, mailbox.folder)
    except (Refused, Unanswered) as why:
        raise MailboxError("place" if isinstance(why, Refused) else "unreached") from why
    except ssl.SSLError as why:
        raise MailboxError("tls") from why
    except OSError as why:
        raise MailboxError("unreached") from why
    except imaplib.IMAP4.error as why:
        raise MailboxError("answer") from why


def tls() -> ssl.SSLContext:
    """Give whom to trust."""
    return ssl.create_default_context()


@contextmanager
def _let_in(mailbox: Mailbox) -> Iterator[imaplib.IMAP4]:
    line = _line(mailbox)
    try:
        if mailbox.security == Security.STARTTLS:
            line.starttls(tls())
        _sign_in(line, mailbox.user, reveal(mailbox.hidden_password))
        yield line
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            line.logout()


def _line(mailbox: Mailbox) -> imaplib.IMAP4:
    """Connect to an address that was checked, whatever the name says the next moment."""
    host = f"[{mailbox.host}]" if ":" in mailbox.host else mailbox.host
    # the door lets plain text only to places that the operator names
    scheme = "http" if mailbox.security == Security.PLAIN else "https"
    door = Door(allowed=settings.OUTGOING_HOSTS)
    places = door.check(f"{scheme}://{host}:{mailbox.port}/").addresses

    class Plain(imaplib.IMAP4):
        def _create_socket(self, timeout: float | None) -> socket.socket:
            return _connected([str(ip) for ip in places], mailbox.port)

    class Encrypted(Plain):
        def _create_socket(self, timeout: float | None) -> socket.socket:
            return tls().wrap_socket(super()._create_socket(timeout), server_hostname=self.host)

    kind = Encrypted if mailbox.security == Security.TLS else Plain
    return kind(mailbox.host, mailbox.port, SECONDS)


def _connected(addresses: Sequence[str], port: int) -> socket.socket:
    for address in addresses:
        with suppress(OSError):
            return socket.create_connection((address, port), timeout=SECONDS)
    raise Unanswered("connect")


def _sign_in(line: imaplib.IMAP4, user: str, password: str) -> None:
    try:
        if "AUTH=PLAIN" in line.capabilities:
            line.authenticate("PLAIN", lambda _said: f"\0{user}\0{password}".encode())
        else:
            line.login(_quoted(user), password)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as why:
        raise MailboxError("login") from why


def _examined(line: imaplib.IMAP4, folder: str) -> Opened:
    kind, _data = line.select(_quoted(in_utf7(folder)), readonly=True)
    if kind != "OK":
        raise MailboxError("folder")
    _kind, said = line.response("UIDVALIDITY")
    number = said[0] if said else None
    if not isinstance(number, bytes) or not number.isdigit():
        raise MailboxError("answer")
    return Opened(line, int(number))


def in_utf7(name: str) -> str:
    """Write the name of a folder as IMAP does: 受信箱 → &U9dP4Xux-."""
    parts = re.split(r"([^\x20-\x7e]+)", name)
    return "".join(
        _packed(part) if number % 2 else part.replace("&", "&-")
        for number, part in enumerate(parts)
    )


def _packed(part: str) -> str:
    text = base64.b64encode(part.encode("utf-16-be")).decode("ascii")
    return "&" + text.rstrip("=").replace("/", ",") + "-"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
