"""Django's backend for SMTP, which also knows up to which moment nothing can have been taken.

A server takes a mail with its answer to the last line, a lone dot. Whatever breaks before that line
left us is certainly not sent; from then on until the answer nobody on this side can know.
"""

from __future__ import annotations

import re
import smtplib
import socket
from collections.abc import Buffer
from email.headerregistry import BaseHeader, HeaderRegistry
from email.policy import EmailPolicy
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend as DjangoBackend

from kizuna.web.act.messages.channels.writing import AS_IT_IS, mailbox, written

DOT = re.compile(rb"(?m)^\.")
GO_ON = 354


class Registry(HeaderRegistry):
    """Makes the class of a header once: Python's own makes a new one for each header it writes."""

    def __init__(self) -> None:
        super().__init__()
        self.made: dict[str, type[BaseHeader]] = {}

    def __getitem__(self, name: str) -> type[BaseHeader]:
        if name not in self.made:
            self.made[name] = super().__getitem__(name)
        return self.made[name]


class AsItIs(EmailPolicy):
    """Writes some headers unchanged on one line.

    Python breaks a line of more than 78 letters that has no space into encoded words, within which
    no mail program looks for the address that unsubscribes (RFC 2369, RFC 8058).
    """

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        """Keep what is plain as it is."""
        plain = name.lower() in AS_IT_IS and value.isascii() and value.isprintable()
        return (name, str(value)) if plain else super().header_store_parse(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Write a header."""
        if type(value) is str and name.lower() in AS_IT_IS:
            return f"{name}: {value}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


POLICY = AsItIs(linesep="\r\n", header_factory=Registry())


class _Careful:
    """Sends the last line by itself."""

    at_risk = False

    def _get_socket(self: Any, host: str, port: int, timeout: float) -> socket.socket:
        """Send the last line at once, not when the server has acknowledged those before it."""
        base: Any = super()
        made: socket.socket = base._get_socket(host, port, timeout)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    def data(self: Any, msg: Buffer | str) -> tuple[int, bytes]:
        """Send a mail; while `at_risk` it may have been taken."""
        self.putcmd("data")
        code, said = self.getreply()
        if code != GO_ON:
            raise smtplib.SMTPDataError(code, said)
        body = msg.encode("ascii") if isinstance(msg, str) else bytes(msg)
        self.send(DOT.sub(b"..", body))
        self.send(b"" if body.endswith(b"\r\n") else b"\r\n")
        self.at_risk = True
        self.send(b".\r\n")
        answer: tuple[int, bytes] = self.getreply()
        self.at_risk = False
        return answer


class Plain(_Careful, smtplib.SMTP):
    """A connection that may be encrypted later."""


class Sealed(_Careful, smtplib.SMTP_SSL):
    """A connection that is encrypted from the start."""


class EmailBackend(DjangoBackend):
    """Says after a failure whether the mail may have been taken."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """Give the connection that knows."""
        return Sealed if self.use_ssl else Plain

    @property
    def at_risk(self) -> bool:
        """Whether what was sent last may have been taken without our knowing."""
        return bool(getattr(self.connection, "at_risk", False))

    def _send(self, email_message: EmailMessage) -> bool:
        """Hand one mail over, written by our policy."""
        if not email_message.recipients():
            return False
        sender, *recipients = (
            mailbox(one) or self.prep_address(one)
            for one in (email_message.from_email, *email_message.recipients())
        )
        said = written(email_message) or email_message.message(policy=POLICY).as_bytes()
        connection: Any = self.connection
        connection.sendmail(sender, recipients, said)
        return True

    def drop(self) -> None:
        """Let go of a connection that failed, without a word."""
        if self.connection is not None:
            self.connection.close()
        self.connection = None
