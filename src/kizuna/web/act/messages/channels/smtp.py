"""Django's backend for SMTP, which also knows up to which moment nothing can have been taken.

A server takes a mail with its answer to the last line, a lone dot. Whatever breaks before that line
left us is certainly not sent; from then on until the answer nobody on this side can know.
"""

from __future__ import annotations

import re
import smtplib
from collections.abc import Buffer
from typing import Any

from django.core.mail.backends.smtp import EmailBackend as DjangoBackend

DOT = re.compile(rb"(?m)^\.")
GO_ON = 354


class _Careful:
    """Sends the last line by itself."""

    at_risk = False

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

    def drop(self) -> None:
        """Let go of a connection that failed, without a word."""
        if self.connection is not None:
            self.connection.close()
        self.connection = None
