"""Read what a mail server sends back: reports (RFC 3464), complaints (RFC 5965), notices in words.

Nothing is written here, and nothing is refused: a mail that cannot be understood says so. Shapes of
notices in words are those that servers of Japan's carriers, qmail, Exim, sendmail, Gmail and
Exchange write.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import Message
from enum import StrEnum

from kizuna.pipeline.capture.mails import Mail, read_mail
from kizuna.web.act.messages.models import BounceKind
from kizuna.web.act.messages.tracking import marked

LARGEST = 1_000_000
SHOWN = 5_000
MOST_REPORTS = 50
STATUS = re.compile(r"(?<![0-9.])([245]\.[0-9]{1,3}\.[0-9]{1,3})(?!\.?[0-9])")
CODE = re.compile(r"\b([45])[0-9]{2}[ \-:#]")
ADDRESS = r"[^\s<>@:;,\"]{1,64}@[^\s<>@:;,\"]{1,255}"
NAMED = re.compile(
    rf"^\s*(?:recipient|to|宛先|送信先|受取人|could not be delivered to)?\s*[::]?\s*<({ADDRESS})>"
    rf"|^\s*(?:recipient|宛先|送信先|受取人|could not be delivered to)\s*[::]\s*({ADDRESS})"
    rf"|^\s*({ADDRESS})\s*$"
    rf"|^\s*(?:recipient address|受信者のアドレス)\s*[::]\s*({ADDRESS})"
    rf"|(?:wasn['’]t delivered to|your message to)\s+<?({ADDRESS})",
    re.IGNORECASE | re.MULTILINE,
)
COPY = re.compile(
    r"^(?:-{20,}|-+ ?(?:below this line is|this is) a copy|-+ ?original message|"
    r"content-type:\s*message/rfc822|received: (?:from|by) |original message headers|"
    r"元のメッセージ ?ヘッダー)",
    re.IGNORECASE | re.MULTILINE,
)
DAEMONS = frozenset({"mailer-daemon", "mail-daemon", "postmaster", "mailerdaemon", "mailer_daemon"})
EXCHANGE = re.compile(r"microsoftexchange[0-9a-f]{32}$")
FAILED = re.compile(
    r"undeliver|returned mail|mail system error|delivery (?:status notification|fail|has failed)|"
    r"failure notice|delivery failure|mail delivery failed|could not be delivered|"
    r"不達|配信不能|配信できません|配信に失敗|配信エラー|エラーメール|送信できません|届けられません|お届けできません",
    re.IGNORECASE,
)
GONE = re.compile(
    r"user unknown|unknown user|no such (?:user|recipient|mailbox|address)|user not found|"
    r"n[o']t have an? \S+ account|does not exist|doesn't exist|no mailbox here|invalid recipient|"
    r"recipient (?:address )?rejected|unrouteable|host (?:unknown|not found)|"
    r"domain (?:name )?not found|the domain \S+ couldn['’]t be found|"
    r"no longer (?:available|exists)|null mx|"
    r"(?:宛先|アドレス|ユーザー?|受信者).{0,20}"
    r"(?:不明|存在しま|存在しない|見つかりま|登録されていま|使われていま)",
    re.IGNORECASE,
)
BLOCKED = re.compile(
    r"spam|blocked|black ?list|block ?list|policy|reputation|dmarc|\bspf\b|access denied|"
    r"550\s*:\s*user unknown|受信拒否|迷惑メール|フィルタ",
    re.IGNORECASE,
)
"""Refused for what we are or what we wrote, whoever the address is; au says `550 : User unknown`
where the customer lets nobody of our domain through."""
LATER = re.compile(
    r"over quota|quota exceeded|mailbox (?:is )?full|full mailbox|too much mail data|"
    r"insufficient (?:system )?storage|temporar|not delivered within|timed? ?out|not responding|"
    r"connection (?:refused|timed)|delayed|will (?:be )?(?:retr|tr)|try again later|"
    r"account is disabled|"
    r"容量|いっぱい|満杯|遅延|再送|一時的",
    re.IGNORECASE,
)
NO_ADDRESS = re.compile(r"5\.1\.(?:[0-36]|10)$|5\.4\.4$")
OPEN = re.compile(r"5\.[0-9]+\.0$|5\.4\.1$|5\.5\.1$|5\.2\.1$|$")
"""Codes that say nothing by themselves: the words decide."""


class Sort(StrEnum):
    """What a mail turned out to be."""

    REPORT = "report"
    AUTOMATIC = "automatic"
    UNREADABLE = "unreadable"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says: of which mail or address, how it came back, in which words.

    `message_id` is the number of a mail whose signature the report carries: nobody makes it up.
    """

    kind: str
    message_id: int | None = None
    address: str = ""
    status: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """A mail as it was understood; `text` is what a person would read of it.

    `number` is the message of ours whose signature is in it, wherever.
    """

    sort: Sort
    number: int | None = None
    reports: Sequence[Report] = field(default_factory=tuple)
    sender: str = ""
    subject: str = ""
    text: str = ""
    message_id: str = ""


def read(raw: bytes) -> Read:
    """Read a mail; whatever is wrong with it, it is one of the sorts."""
    raw = raw[:LARGEST]
    mail = read_mail(raw)
    message = message_from_bytes(raw, policy=policy.compat32)
    number = marked("\n".join(_texts(message, raw)))
    try:
        sort, reports = _sorted(message, mail, number)
    except (LookupError, ValueError, TypeError, AttributeError):
        sort, reports = Sort.UNREADABLE, []
    return Read(
        sort, number, tuple(reports[:MOST_REPORTS]), mail.sender, mail.subject,
        mail.text[:SHOWN], mail.message_id,
    )  # fmt: skip


def _sorted(message: Message, mail: Mail, number: int | None) -> tuple[Sort, list[Report]]:
    parts = {part.get_content_type(): part for part in message.walk()}
    if "message/feedback-report" in parts:
        complaint = _complaint(parts["message/feedback-report"], number)
        return (Sort.REPORT, [complaint]) if complaint else (Sort.AUTOMATIC, [])
    if "message/disposition-notification" in parts:
        return Sort.AUTOMATIC, []
    if "message/delivery-status" in parts:
        return _delivery(message, number)
    if _is_notice(message, mail):
        found = _in_words(message, mail, number)
        return (Sort.REPORT if found else Sort.UNREADABLE), found
    return (Sort.AUTOMATIC if _is_automatic(message, mail) else Sort.OTHER), []


def _texts(message: Message, raw: bytes) -> Iterator[str]:
    """Give the mail as it came, and each part that was packed."""
    yield raw.decode("utf-8", "replace")
    for part in message.walk():
        if _text(part, "Content-Transfer-Encoding").strip().lower() in (
            "base64",
            "quoted-printable",
        ):
            packed = part.get_payload(decode=True)
            yield packed.decode("utf-8", "replace") if isinstance(packed, bytes) else ""


def _delivery(message: Message, number: int | None) -> tuple[Sort, list[Report]]:
    """Read the blocks of delivery reports: the first is the server's, the others recipients'."""
    parts = [p for p in message.walk() if p.get_content_type() == "message/delivery-status"]
    blocks = [block for part in parts for block in _blocks(part)]
    told = [block for block in blocks if _text(block, "Action")]
    found = [one for block in told if (one := _of_block(block, number)) is not None]
    if found:
        return Sort.REPORT, found
    return (Sort.AUTOMATIC if told else Sort.UNREADABLE), []


def _blocks(part: Message) -> list[Message]:
    blocks = part.get_payload()
    return [one for one in blocks if isinstance(one, Message)] if isinstance(blocks, list) else []


def _of_block(block: Message, number: int | None) -> Report | None:
    """Read what became of one recipient; None: it arrived, or was handed on."""
    action = _text(block, "Action").strip().lower()
    if action not in ("failed", "delayed"):
        return None
    status = _status(_text(block, "Status"))
    said = " ".join(_text(block, "Diagnostic-Code").split())[:500]
    to = _text(block, "Final-Recipient") or _text(block, "Original-Recipient")
    kind = BounceKind.SOFT.value if action == "delayed" else kind_of(status, said)
    return Report(kind, number, _address(to), status or _status(said), said)


def kind_of(status: str, said: str) -> str:
    """Say whether an address is none; what is about us, a full mailbox or a server is for now."""
    inner = _status(said)
    if any(NO_ADDRESS.match(one) for one in (status, inner) if one):
        return BounceKind.HARD
    is_open = OPEN.match(status) and OPEN.match(inner)
    is_gone = GONE.search(said) and not BLOCKED.search(said) and not LATER.search(said)
    return BounceKind.HARD if is_open and is_gone else BounceKind.SOFT


def _complaint(part: Message, number: int | None) -> Report | None:
    """Read a complaint; None: somebody said that it was none."""
    block = next(iter(_blocks(part)), part)
    to = _text(block, "Original-Rcpt-To") or _text(block, "Removal-Recipient")
    kind = _text(block, "Feedback-Type").strip()[:60] or "abuse"
    if kind.lower() == "not-spam":
        return None
    return Report(BounceKind.COMPLAINT, number, _address(to), "", f"complaint: {kind}")


def _is_notice(message: Message, mail: Mail) -> bool:
    """Whether a server says in words that something did not arrive."""
    name = mail.sender.partition("@")[0]
    says_so = bool(FAILED.search(mail.subject))
    if "X-Failed-Recipients" in message:
        return True
    is_machine = name in DAEMONS or bool(EXCHANGE.match(name))
    return is_machine or (says_so and (not name or _is_from_nobody(message)))


def _is_from_nobody(message: Message) -> bool:
    sent_by = _text(message, "Return-Path").strip()
    return sent_by == "<>" or "mail system" in _text(message, "From").lower()


def _in_words(message: Message, mail: Mail, number: int | None) -> list[Report]:
    """Read a notice in words; what cannot be told from them is left to a person."""
    copied = COPY.search(mail.text)
    text = mail.text[: copied.start()] if copied else mail.text
    named = [next(filter(None, found)) for found in NAMED.findall(text)]
    failed = re.findall(ADDRESS, _text(message, "X-Failed-Recipients"))
    to = [*failed, *named]
    said = " ".join(f"{mail.subject} {text}".split())
    is_clear = any(rule.search(said) for rule in (GONE, BLOCKED, LATER, STATUS, CODE))
    if not is_clear or (number is None and not to):
        return []
    status = _status(said)
    address = to[0].rstrip(".")[:320] if to else ""
    kind = kind_of(status, said) if _agree(said) else BounceKind.SOFT.value
    return [Report(kind, number, address, status, _reason(text))]


def _agree(said: str) -> bool:
    """Whether no code says that it is for now, where another says that the address is none."""
    return all(NO_ADDRESS.match(one) or OPEN.match(one) for one in STATUS.findall(said))


def _reason(text: str) -> str:
    """Give the lines that say why."""
    rules = (GONE, BLOCKED, LATER, STATUS)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    telling = [line for line in lines if any(rule.search(line) for rule in rules)]
    return " / ".join(telling or [line for line in lines if line])[:500]


def _is_automatic(message: Message, mail: Mail) -> bool:
    """Whether nobody has written it (RFC 3834), or only a machine that answers for somebody."""
    said = ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress")
    bulk = _text(message, "Precedence").strip().lower() in ("auto_reply", "auto-reply")
    return mail.is_automatic or bulk or any(name in message for name in said)


def _status(text: str) -> str:
    found = STATUS.search(text)
    return found[1] if found else ""


def _address(text: str) -> str:
    return text.rpartition(";")[2].strip().strip("<>")[:320]


def _text(message: Message, name: str) -> str:
    return str(message.get(name, ""))
