"""Write a mail's bytes at once, where it is plain what they are.

Python's `email` makes a tree of every header and body and writes that, which costs more than all
else that is done for a mail. A letter of ours is always alike: known headers, a text, a page. It is
written here as `email` reads it; whatever is out of the ordinary gives None, and goes the long way.
"""

from __future__ import annotations

import re
from base64 import b64encode, encodebytes
from binascii import b2a_qp
from collections.abc import Iterator
from datetime import UTC
from email.utils import format_datetime
from functools import lru_cache
from secrets import token_hex

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.utils import timezone

AS_IT_IS = frozenset({"message-id", "auto-submitted", "list-unsubscribe", "list-unsubscribe-post"})
"""Headers of ours that mail programs read letter by letter."""
LINE = 76
"""Characters of a header's line."""
WORD = 45
"""Bytes of an encoded word, which makes 72 characters of it (RFC 2047)."""
LONGEST = 998
"""Bytes of a line that every server takes (RFC 5321)."""
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
ADDRESS = rf"{ATOM}(?:\.{ATOM})*@[A-Za-z0-9.-]+"
NAME = (
    r"=\?utf-8\?[bq]\?[^?\s]{1,63}\?="
    r"|\"[A-Za-z0-9 .,@()_'&-]{1,50}\""
    r"|[A-Za-z0-9'&_-]+(?: [A-Za-z0-9'&_-]+){0,3}"
)
MAILBOX = re.compile(rf"(?:(?:{NAME}) <({ADDRESS})>|({ADDRESS}))")
type Mail = EmailMessage | EmailMultiAlternatives


def written(mail: Mail) -> bytes | None:
    """Give the bytes of a mail, or None where it is none of the plain ones."""
    parts, headers = _parts(mail), _headers(mail)
    if parts is None or headers is None:
        return None
    if len(parts) == 1:
        return b"\r\n".join([*headers, parts[0]])
    edge = f"=_{token_hex(16)}".encode()
    kind = b'Content-Type: multipart/alternative; boundary="' + edge + b'"'
    bodies = [b"--" + edge + b"\r\n" + part for part in parts]
    return b"\r\n".join([*headers, kind, b"", *bodies, b"--" + edge + b"--", b""])


@lru_cache(maxsize=4096)
def mailbox(said: str) -> str | None:
    """Give the address within `name <address>`, or None where that is not plain."""
    found = MAILBOX.fullmatch(said)
    return (found[1] or found[2]) if found else None


def _headers(mail: Mail) -> list[bytes] | None:
    own = mail.extra_headers
    shown = str(own.get("From", mail.from_email))
    others = {name: str(value) for name, value in own.items() if name != "From"}
    if {name.lower() for name in others} - AS_IT_IS or "Message-ID" not in others:
        return None
    subject = _subject(str(mail.subject))
    boxes = (mailbox(shown), *(mailbox(one) for one in mail.to))
    alone = len(mail.to) == 1 and not (mail.cc or mail.bcc or mail.reply_to)
    plain = all(value.isascii() and value.isprintable() for value in others.values())
    if subject is None or None in boxes or not (alone and plain):
        return None
    return [
        b"Subject: " + subject,
        b"From: " + _folded(shown),
        b"To: " + _folded(mail.to[0]),
        b"Date: " + _now().encode(),
        *(f"{name}: {value}".encode() for name, value in others.items()),
        b"MIME-Version: 1.0",
    ]


def _now() -> str:
    zone = timezone.get_current_timezone() if settings.EMAIL_USE_LOCALTIME else UTC
    return format_datetime(timezone.now().astimezone(zone))


def _folded(said: str) -> bytes:
    """Write a mailbox, its address on a line of its own where both are too long for one."""
    name, _space, address = said.rpartition(" ")
    return (f"{name}\r\n {address}" if name and len(said) + 6 > LINE else said).encode()


@lru_cache(maxsize=256)
def _subject(said: str) -> bytes | None:
    if not said or not said.isprintable() or said != said.strip():
        return None
    if said.isascii() and len(said) + 9 <= LINE and "=?" not in said and "  " not in said:
        return said.encode()
    try:
        words = list(_pieces(said))
    except UnicodeEncodeError:
        return None
    return b"\r\n ".join(b"=?utf-8?b?" + b64encode(word) + b"?=" for word in words)


def _pieces(said: str) -> Iterator[bytes]:
    """Cut a text between letters into pieces that fit an encoded word."""
    piece = b""
    for letter in said:
        more = letter.encode()
        if len(piece) + len(more) > WORD:
            yield piece
            piece = b""
        piece += more
    yield piece


def _parts(mail: Mail) -> list[bytes] | None:
    """Write the bodies with their headers: the text, and the page where there is one."""
    pages = list(getattr(mail, "alternatives", ()))
    usual = mail.body and mail.encoding in (None, "utf-8") and mail.content_subtype == "plain"
    if not usual or mail.attachments or [p.mimetype for p in pages] not in ([], ["text/html"]):
        return None
    try:
        return [_part("plain", str(mail.body)), *(_part("html", str(p.content)) for p in pages)]
    except UnicodeEncodeError:
        return None


def _part(kind: str, text: str) -> bytes:
    lines = text.encode().splitlines() or [b""]
    way, body = _encoded(lines, is_plain=text.isascii() and "\0" not in text)
    head = f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: {way}\r\n\r\n'
    return head.encode() + body


def _encoded(lines: list[bytes], *, is_plain: bool) -> tuple[str, bytes]:
    """Write a body as it is, in quoted letters where few are foreign, or else in base64."""
    if is_plain and max(map(len, lines)) <= LONGEST:
        return "7bit", b"\r\n".join([*lines, b""])
    joined = b"\n".join([*lines, b""])
    foreign = len(joined) - len(joined.translate(None, bytes(range(128, 256))))
    if foreign * 6 < len(joined):
        quoted = b2a_qp(joined, quotetabs=False, istext=True)
        return "quoted-printable", quoted.replace(b"\n", b"\r\n")
    whole = joined.replace(b"\n", b"\r\n")
    return "base64", encodebytes(whole).replace(b"\n", b"\r\n")
