"""The demo's outbox: the mails of the last wave of its survey, and what came back of a few of them.

They were sent before anything was held here, so they are entered as sent; what came back is read
as a mailbox would bring it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Final

from kizuna.web.act.messages import addressing
from kizuna.web.act.messages.models import Channel, OutboxMessage, State, TemplateVersion
from kizuna.web.act.messages.services import outbox, returns
from kizuna.web.act.messages.tracking import message_mark
from kizuna.web.act.surveys.mailing import step_of
from kizuna.web.act.surveys.models import Ask, Standing, Survey
from kizuna.web.know.customers.models import CustomerFact

TOOK: Final = timedelta(minutes=3)
BACK: Final = timedelta(minutes=5)
GMAIL: Final = "Mail Delivery Subsystem <mailer-daemon@googlemail.com>"
SERVER: Final = "Mail Delivery System <mailer-daemon@mail.hana.example>"
FAILED: Final = "Delivery Status Notification (Failure)"
NO_SUCH: Final = (
    "<h2>Address not found</h2><p>Your message wasn't delivered to {to} because the address "
    "couldn't be found.</p><p>550 5.1.1 The email account that you tried to reach does not "
    "exist.</p>"
)
IN_WORDS: Final = (
    (SERVER, "Undelivered Mail Returned to Sender", "<{to}>: 550 5.1.1 User unknown"),
    (SERVER, "Undelivered Mail Returned to Sender", "<{to}>: 552 5.2.2 Mailbox full"),
    (SERVER, "Delayed Mail (still being retried)", "<{to}>: 451 4.4.1 Connection timed out"),
)
VAGUE: Final = {
    "en": ("postmaster@example.jp", "Returned mail", "Your mail could not be handled as sent."),
    "ja": (
        "postmaster@example.jp",
        "エラーメール",
        "お送りいただいたメールを処理できませんでした。",
    ),
}


def tell(*, lang: str) -> None:
    """Enter the mails of the last wave, and read what came back of those nobody answered."""
    survey = Survey.objects.filter(template__isnull=False).order_by("pk").last()
    wave = survey.waves.order_by("-number").first() if survey else None
    if wave is None:
        return
    asks = wave.asks.filter(state=Standing.SENT).select_related("survey__action").order_by("pk")
    sent = _enter(list(asks))
    silent = asks.filter(answer=None).values_list("customer_id", flat=True)
    mails = [sent[one] for one in silent if one in sent]
    for number, raw in enumerate(_notices(mails, lang), start=1):
        returns.take(raw, wave.opened_at + number**2 * BACK, alone=True)


def _enter(asks: Sequence[Ask]) -> dict[str, OutboxMessage]:
    """Enter a mail as sent for each whose address is known; customer → mail."""
    facts = CustomerFact.objects.in_bulk([one.customer_id for one in asks])
    reached = {
        who: address
        for who, fact in facts.items()
        if (address := addressing.address_of(Channel.EMAIL, fact, None, {}))
    }
    version = TemplateVersion.objects.filter(template=asks[0].survey.template).latest("number")
    made = [
        _mail(one, version, reached[one.customer_id]) for one in asks if one.customer_id in reached
    ]
    return {one.customer_id: one for one in OutboxMessage.objects.bulk_create(made)}


def _mail(ask: Ask, version: TemplateVersion, address: str) -> OutboxMessage:
    at: datetime = ask.made_at
    return OutboxMessage(
        key=outbox.key_of(ask.survey.action, ask.customer_id, step_of(ask)),
        action=ask.survey.action,
        customer_id=ask.customer_id,
        step=step_of(ask),
        version=version,
        channel=Channel.EMAIL,
        state=State.SENT,
        asked_at=at,
        handed_at=at + TOOK,
        ended_at=at + TOOK,
        address=address,
        detail="250 2.0.0 ok",
    )


def _notices(mails: Sequence[OutboxMessage], lang: str) -> list[bytes]:
    """Write what servers send back of the first few mails; the last is one that nobody can read."""
    found = []
    if mails:
        html = NO_SUCH.format(to=mails[0].address)
        found.append(_notice(mails[0], GMAIL, FAILED, html, subtype="html"))
    for mail, (sender, subject, text) in zip(mails[1:], IN_WORDS, strict=False):
        found.append(_notice(mail, sender, subject, text.format(to=mail.address)))
    if len(mails) > 1 + len(IN_WORDS):
        found.append(_complaint(mails[1 + len(IN_WORDS)]))
    return [*found, _notice(None, *VAGUE[lang])]


def _notice(
    mail: OutboxMessage | None,
    sender: str,
    subject: str,
    text: str,
    subtype: str = "plain",
) -> bytes:
    made = EmailMessage()
    made["From"], made["Subject"] = sender, subject
    if mail is not None:
        made["In-Reply-To"] = _id(mail)
        made["X-Failed-Recipients"] = mail.address
    made.set_content(text, subtype=subtype)
    return made.as_bytes()


def _complaint(mail: OutboxMessage) -> bytes:
    """Write that a customer took a mail for unwanted (RFC 5965)."""
    return "\n".join(
        [
            "From: feedback@provider.example",
            "Subject: complaint",
            f"In-Reply-To: {_id(mail)}",
            "MIME-Version: 1.0",
            'Content-Type: multipart/report; report-type=feedback-report; boundary="part"',
            "",
            "--part",
            "Content-Type: message/feedback-report",
            "",
            "Feedback-Type: abuse",
            "User-Agent: Provider/1",
            "Version: 1",
            f"Original-Rcpt-To: {mail.address}",
            "",
            "--part--",
        ]
    ).encode()


def _id(mail: OutboxMessage) -> str:
    return f"<{message_mark(mail.pk)}@hana.example>"
