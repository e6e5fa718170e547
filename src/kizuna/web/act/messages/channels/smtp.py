"""Django's backend for SMTP, which also knows up to which moment nothing can have been taken.

A server takes a mail with its answer to the last line, a lone dot. Whatever breaks before that line
left us is certainly not sent; from then on until the answer nobody on this side can know.
"""

from __future__ import annotations

import re
import smtplib
import socket
from collections.abc import Buffer, Callable, Sequence
from email.headerregistry import BaseHeader, HeaderRegistry
from email.policy import EmailPolicy
from smtplib import quoteaddr
from typing import TYPE_CHECKING, Any

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend as DjangoBackend

from kizuna.web.act.messages.channels.writing import AS_IT_IS, mailbox, written

if TYPE_CHECKING:
    from _typeshed import SizedBuffer

DOT = re.compile(rb"(?m)^\.")
GO_ON, LEAVING = 354, 421
TAKEN = (250, 251)


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
    """Sends the last line by itself, and what comes before the text together."""

    at_risk = False

    def _get_socket(self: Any, host: str, port: int, timeout: float) -> socket.socket:
        """Send the last line at once, not when the server has acknowledged those before it."""
        base: Any = super()
        made: socket.socket = base._get_socket(host, port, timeout)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    def sendmail(
        self: Any,
        from_addr: str,
        to_addrs: str | Sequence[str],
        msg: SizedBuffer | str,
        mail_options: Sequence[str] = (),
        rcpt_options: Sequence[str] = (),
    ) -> dict[str, tuple[int, bytes]]:
        """Send a mail; what comes before its text in one go, where the server takes it (RFC 2920).

        Each answer that is not waited for saves the time of a way there and back.
        """
        self.ehlo_or_helo_if_needed()
        plain = not (isinstance(msg, str) or isinstance(to_addrs, str) or len(to_addrs) != 1)
        if not plain or mail_options or rcpt_options or not self.has_extn("pipelining"):
            base: Any = super()
            refused: dict[str, tuple[int, bytes]] = base.sendmail(
                from_addr, to_addrs, msg, mail_options, rcpt_options
            )
            return refused
        self._announce(from_addr, to_addrs[0], len(msg))
        self._taken(self._text(msg))
        return {}

    def _announce(self: Any, sender: str, recipient: str, size: int) -> None:
        """Say from whom, to whom, and that a text follows; raise where one of them is refused."""
        said = f"mail FROM:{quoteaddr(sender)}" + (f" size={size}" * self.has_extn("size"))
        said += f"\r\nrcpt TO:{quoteaddr(recipient)}\r\ndata\r\n"
        if said.count("\n") != 3 or said.count("\r") != 3:
            raise ValueError("a line break in an address")
        self.send(said)
        first = self._reply(lambda no: smtplib.SMTPSenderRefused(no[0], no[1], sender))
        second = self._reply(lambda no: smtplib.SMTPRecipientsRefused({recipient: no}))
        third = self.getreply()
        if third[0] == GO_ON and (first or second):
            self.close()  # before the last line, so that nothing is taken
        refused = first or second or (None if third[0] == GO_ON else smtplib.SMTPDataError(*third))
        if refused is not None:
            self._leave(third[0])
            raise refused

    def _reply(self: Any, refusal: Callable[[tuple[int, bytes]], Exception]) -> Exception | None:
        """Read an answer; give what is raised if it is a no. After a 421 no other comes."""
        said: tuple[int, bytes] = self.getreply()
        if said[0] == LEAVING:
            self.close()
            raise refusal(said)
        return None if said[0] in TAKEN else refusal(said)

    def _leave(self: Any, code: int) -> None:
        """Be ready for the next mail, unless the server is gone."""
        if code == LEAVING:
            self.close()
        elif self.sock is not None:
            self._rset()

    def _taken(self: Any, answer: tuple[int, bytes]) -> None:
        if answer[0] != TAKEN[0]:
            self._leave(answer[0])
            raise smtplib.SMTPDataError(*answer)

    def data(self: Any, msg: Buffer | str) -> tuple[int, bytes]:
        """Ask to send the text of a mail, and send it."""
        self.putcmd("data")
        code, said = self.getreply()
        if code != GO_ON:
            self._leave(code)
            raise smtplib.SMTPDataError(code, said)
        answer: tuple[int, bytes] = self._text(msg)
        return answer

    def _text(self: Any, msg: Buffer | str) -> tuple[int, bytes]:
        """Send the text of a mail; while `at_risk` it may have been taken."""
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

    @property
    def is_ready(self) -> bool:
        """Whether the connection takes another mail."""
        return self.connection is not None and self.connection.sock is not None

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
