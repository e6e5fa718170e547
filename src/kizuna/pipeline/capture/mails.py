"""A mail as a mailbox holds it: who wrote to whom, when, in which thread, and what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import sha256
from html.parser import HTMLParser
from typing import Final

LONGEST_TEXT: Final = 50_000
LONGEST_SUBJECT: Final = 1_000
MOST_PARTS: Final = 200
IDS: Final = re.compile(r"<[^<>\s]{1,900}>")
ADDRESS: Final = re.compile(r"[^@\s<>]{1,64}@[^@\s<>]{1,255}")
JIS: Final = re.compile(rb"\x1b(\$@|\$B|\(B|\(J|\(I|\$\(D)")
TWO_BYTES: Final = frozenset({b"$@", b"$B"})
BLOCKS: Final = frozenset({"p", "br", "div", "tr", "li", "h1", "h2", "h3", "blockquote"})
UNSEEN: Final = frozenset({"style", "script", "head", "title"})
GUESSES: Final = ("utf-8", "cp932", "euc_jp")


@dataclass(frozen=True, slots=True)
class Mail:
    """What is kept of a mail. `thread` is the id of the first mail that it goes back to."""

    message_id: str
    thread: str
    sender: str
    sender_name: str
    receivers: tuple[str, ...]
    happened_at: datetime | None
    subject: str
    text: str
    is_automatic: bool


def read_mail(content: bytes) -> Mail:
    """Read a mail, however it is written; what cannot be read in it is left out."""
    message = message_from_bytes(content, policy=policy.compat32)
    own = next(iter(IDS.findall(_plain(message, "Message-ID"))), "")
    own = own or f"<{sha256(content).hexdigest()[:40]}@unnamed>"
    before = IDS.findall(_plain(message, "References")) or IDS.findall(
        _plain(message, "In-Reply-To")
    )
    name, sender = next(iter(_addresses(message, "From")), ("", ""))
    return Mail(
        message_id=own,
        thread=before[0] if before else own,
        sender=sender,
        sender_name=name,
        receivers=tuple(address for _name, address in _addresses(message, "To", "Cc")),
        happened_at=_sent(message),
        subject=_header(message, "Subject")[:LONGEST_SUBJECT],
        text=_text(message)[:LONGEST_TEXT],
        is_automatic=_is_automatic(message),
    )


def decoded(content: bytes, charset: str = "") -> str:
    """Read text in a charset, or in the one that it turns out to be; nothing is refused."""
    wanted = charset.strip().lower().replace("_", "-")
    if wanted.startswith("iso-2022-jp") or (not wanted and JIS.search(content)):
        return _from_jis(content)
    if wanted in {"shift-jis", "shift_jis", "x-sjis", "sjis", "windows-31j"}:
        wanted = "cp932"
    for name in ([wanted] if wanted not in ("", "us-ascii") else []) + list(GUESSES):
        try:
            return content.decode(name)
        except (LookupError, UnicodeError):
            continue
    return content.decode("utf-8", "replace")


def _from_jis(content: bytes) -> str:
    """Read ISO-2022-JP as mail programs write it: with ①, ㈱, 髙 and half-width katakana."""
    parts = JIS.split(content)
    texts = [parts[0].decode("ascii", "replace")]
    for mode, part in zip(parts[1::2], parts[2::2], strict=True):
        if mode in TWO_BYTES:
            texts.append(_shifted(part).decode("cp932", "replace"))
        elif mode == b"(I":
            texts.append(bytes(b | 0x80 for b in part).decode("cp932", "replace"))
        elif mode == b"$(D":
            texts.append((b"\x1b$(D" + part + b"\x1b(B").decode("iso2022_jp_2", "replace"))
        else:
            texts.append(part.decode("ascii", "replace"))
    return "".join(texts)


def _shifted(part: bytes) -> bytes:
    """Write pairs of JIS as Shift_JIS; a line that ends within them ends them."""
    out, at = bytearray(), 0
    while at < len(part):
        if not 0x21 <= part[at] <= 0x7E or at + 1 == len(part):
            out.append(part[at])
            at += 1
            continue
        row, cell = part[at], part[at + 1]
        out.append((row + 1) // 2 + (0x70 if row <= 0x5E else 0xB0))
        out.append(cell + (0x7E if row % 2 == 0 else 0x1F + (cell >= 0x60)))
        at += 2
    return bytes(out)


def _plain(message: Message, name: str) -> str:
    return str(message.get(name, ""))


def _header(message: Message, name: str) -> str:
    return _words(message.get(name, ""))


def _words(raw: object) -> str:
    """Read a header: encoded words, and bytes that a program has put there without saying how."""
    text = str(raw)
    found = text.encode("utf-8", "surrogateescape")
    if any(byte > 0x7E or byte == 0x1B for byte in found):
        return _line(decoded(_unescaped(raw)))
    try:
        parts = decode_header(text)
    except (HeaderParseError, ValueError):
        return _line(text)
    said = [p if isinstance(p, str) else decoded(p, c or "") for p, c in parts]
    return _line("".join(said))


def _unescaped(raw: object) -> bytes:
    if isinstance(raw, str):
        return raw.encode("utf-8", "surrogateescape")
    chunks = getattr(raw, "_chunks", [])
    return b" ".join(str(text).encode("utf-8", "surrogateescape") for text, _charset in chunks)


def _line(text: str) -> str:
    return " ".join(text.replace("\0", "").split())


def _addresses(message: Message, *names: str) -> list[tuple[str, str]]:
    """Give names and addresses, in small letters; only what can be one."""
    given = [str(value) for name in names for value in message.get_all(name, [])]
    found = getaddresses([value.replace("\r", " ").replace("\n", " ") for value in given])
    kept = [(_words(name), address.strip().lower()) for name, address in found]
    return [(name, address) for name, address in kept if ADDRESS.fullmatch(address)]


def _sent(message: Message) -> datetime | None:
    try:
        found = parsedate_to_datetime(_plain(message, "Date"))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError, IndexError):
        return None


def _is_automatic(message: Message) -> bool:
    """Tell what no person has written: answers by machines, lists, notices that it came back."""
    said = _plain(message, "Auto-Submitted").lower().strip()
    bulk = _plain(message, "Precedence").lower().strip() in {"bulk", "list", "junk"}
    back = message.get_content_type() == "multipart/report"
    return bool(said and said != "no") or bulk or back or "List-Id" in message


def _text(message: Message) -> str:
    """Give the text of a mail: plain where there is some, otherwise what a page would show."""
    parts = list(_parts(message))
    plain = [part for part in parts if part.get_content_type() == "text/plain"]
    found = plain or [part for part in parts if part.get_content_type() == "text/html"]
    texts = [_content(part) for part in found]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(texts)).replace("\0", "").strip()


def _parts(message: Message) -> Iterator[Message]:
    """Give the parts that are text and not attached."""
    for count, part in enumerate(message.walk()):
        if count >= MOST_PARTS:
            return
        attached = _plain(part, "Content-Disposition").lower().startswith("attachment")
        if part.get_content_maintype() == "text" and not attached:
            yield part


def _content(part: Message) -> str:
    raw = part.get_payload(decode=True)
    text = decoded(raw if isinstance(raw, bytes) else b"", _charset(part))
    text = text.replace("\r\n", "\n")
    return _shown(text) if part.get_content_type() == "text/html" else text


def _charset(part: Message) -> str:
    try:
        return str(part.get_content_charset() or "")
    except (LookupError, UnicodeError, ValueError):
        return ""


def _shown(page: str) -> str:
    reader = _Shown()
    reader.feed(page[: LONGEST_TEXT * 20])
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.texts).split("\n"))
    return "\n".join(lines)


class _Shown(HTMLParser):
    """What a page would show, without its style."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.unseen = 0

    def handle_starttag(self, tag: str, _attrs: Sequence[tuple[str, str | None]]) -> None:
        """Begin a line, or what is not shown."""
        self.unseen += tag in UNSEEN
        if tag in BLOCKS:
            self.texts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End what is not shown."""
        if tag in UNSEEN and self.unseen:
            self.unseen -= 1

    def handle_data(self, data: str) -> None:
        """Keep a text."""
        if not self.unseen:
            self.texts.append(data.replace("\n", " "))
