"""Mail, by whichever backend of Django's the settings name; django-anymail's are such backends."""

from __future__ import annotations

import re
import smtplib
import ssl
import threading
from email.utils import formataddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, mailers

from kizuna.web.act.messages.channels.protocol import Fate, Letter, Outcome

MAILER = "customers"
ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
NO_SUCH = re.compile(r"\b5\.1\.[0-36]\b|user unknown|no such user|does not exist", re.IGNORECASE)
KEPT = 300


class Mail:
    """Holds one connection a thread."""

    is_safe = False

    def __init__(self, from_email: str | None = None) -> None:
        self.from_email = from_email or settings.DEFAULT_FROM_EMAIL
        self.mine = threading.local()
        self.open: list[Any] = []
        self.lock = threading.Lock()

    def send(self, letter: Letter) -> Outcome:
        """Hand a mail over."""
        backend = self._backend()
        try:
            mail = self._mail(letter)
            backend.open()
            taken = backend.send_messages([mail])
        except Exception as error:
            outcome = outcome_of(error, at_risk=_at_risk(backend, error))
            if not _goes_on(backend, error):
                self._drop(backend)
            return outcome
        return _taken(mail, taken)

    def close(self) -> None:
        """Close what is open, whatever the other side makes of it."""
        for backend in self.open:
            try:
                backend.close()
            except (OSError, smtplib.SMTPException):
                continue
        self.open.clear()
        self.mine = threading.local()

    def _backend(self) -> Any:
        if not hasattr(self.mine, "backend"):
            self.mine.backend = mailers[MAILER if MAILER in mailers else "default"]
            with self.lock:
                self.open.append(self.mine.backend)
        return self.mine.backend

    def _drop(self, backend: Any) -> None:
        with self.lock:
            if backend in self.open:
                self.open.remove(backend)
        vars(self.mine).pop("backend", None)
        try:
            getattr(backend, "drop", backend.close)()
        except (OSError, smtplib.SMTPException):
            return

    def _mail(self, letter: Letter) -> EmailMultiAlternatives:
        to = formataddr((letter.name, letter.address)) if letter.name else letter.address
        headers, sender = dict(letter.headers), self.from_email
        if settings.RETURN_ADDRESS:
            # Django sends in the name of the one, and shows the other
            headers["From"], sender = sender, returned_to(letter)
        mail = EmailMultiAlternatives(letter.subject, letter.text, sender, [to], headers=headers)
        if letter.html:
            mail.attach_alternative(letter.html, "text/html")
        return mail


def returned_to(letter: Letter) -> str:
    """Give the address that a report on a mail is sent to; `{mark}` in it names the mail."""
    mark = letter.headers.get("Message-ID", "").strip("<>").partition("@")[0]
    return str(settings.RETURN_ADDRESS).replace("{mark}", mark)


def _taken(mail: Any, taken: int | None) -> Outcome:
    if not taken:
        return Outcome(Fate.REFUSED, "not_taken")
    found = getattr(getattr(mail, "anymail_status", None), "message_id", None)
    return Outcome(Fate.SENT, reference=str(found or "")[:200])


def _goes_on(backend: Any, error: Exception) -> bool:
    """Whether only this mail was refused: a new connection for the next would cost far more."""
    refusals = (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError)
    return isinstance(error, refusals) and bool(getattr(backend, "is_ready", False))


def _at_risk(backend: Any, error: Exception) -> bool:
    """A backend that does not know how far it came may have handed the mail over."""
    if isinstance(error, (ConnectionRefusedError, smtplib.SMTPException)) and not isinstance(
        error, smtplib.SMTPServerDisconnected
    ):
        return False
    return bool(getattr(backend, "at_risk", True))


def outcome_of(error: Exception, *, at_risk: bool) -> Outcome:
    """Say what a failure means for the mail."""
    said = _said(error)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _of_recipient(error)
    if isinstance(error, smtplib.SMTPSenderRefused):
        return Outcome(Fate.AGAIN, "sender_refused", said, down=True)
    if isinstance(error, smtplib.SMTPDataError):
        return _of_answer(error.smtp_code, said)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Outcome(Fate.AGAIN, "sign_in_refused", said, down=True)
    if isinstance(status := getattr(error, "status_code", None), int):
        return _of_status(status, said)
    if at_risk:
        return Outcome(Fate.UNCERTAIN, "no_answer", said)
    if isinstance(error, (OSError, ssl.SSLError, smtplib.SMTPException)):
        return Outcome(Fate.AGAIN, "unreachable", said, down=True)
    if isinstance(error, (ValueError, UnicodeError)):
        return Outcome(Fate.REFUSED, "bad_address", said)
    return Outcome(Fate.UNCERTAIN, "no_answer", said)


def _of_recipient(error: smtplib.SMTPRecipientsRefused) -> Outcome:
    code, text = next(iter(error.recipients.values()), (550, b""))
    said = _words(code, text)
    if code == 421:
        return Outcome(Fate.AGAIN, "busy", said, down=True)
    if code < 500:
        return Outcome(Fate.AGAIN, "later", said)
    gone = code in (550, 551, 553) and (NO_SUCH.search(said) or not ENHANCED.search(said))
    return Outcome(Fate.REFUSED, "recipient_refused", said, bounced=bool(gone))


def _of_answer(code: int, said: str) -> Outcome:
    if code == 421:
        return Outcome(Fate.AGAIN, "busy", said, down=True)
    if code < 500:
        return Outcome(Fate.AGAIN, "later", said)
    return Outcome(Fate.REFUSED, "mail_refused", said)


def _of_status(status: int, said: str) -> Outcome:
    """Read the answer of a service over HTTP, as backends of django-anymail raise it."""
    if status == 429:
        return Outcome(Fate.AGAIN, "busy", said, down=True)
    if status in (401, 403):
        return Outcome(Fate.AGAIN, "sign_in_refused", said, down=True)
    if 400 <= status < 500:
        return Outcome(Fate.REFUSED, "mail_refused", said)
    return Outcome(Fate.UNCERTAIN, "no_answer", said)


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _words(error.smtp_code, error.smtp_error)
    return f"{type(error).__name__}: {error}"[:KEPT]


def _words(code: int, text: bytes | str) -> str:
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join(f"{code} {plain}".replace("\x00", "").split())[:KEPT]
