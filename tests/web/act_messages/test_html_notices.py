"""What Gmail and Exchange send back as HTML alone, without a report that programs read (RFC 3464).

Written after the publicly known form of such notices; names and addresses are made up.
"""

from __future__ import annotations

from email.header import Header

import pytest

from kizuna.web.act.messages import reports
from kizuna.web.act.messages.reports import Sort, read
from kizuna.web.act.messages.tracking import message_mark

NUMBER = 12
GMAIL = "Mail Delivery Subsystem <mailer-daemon@googlemail.com>"
FAILED = "Delivery Status Notification (Failure)"
EXCHANGE = f"Microsoft Outlook <MicrosoftExchange{'0f' * 16}@example.jp>"
POSTMASTER = "postmaster@example.jp"
NO_SUCH = "550 5.1.1 The email account that you tried to reach does not exist."
BY_GMAIL = """<html><head><style>* {{font-family:Roboto}}</style></head><body><h2>{head}</h2>
Your message wasn't delivered to <a href="mailto:c1@example.jp"><b>c1@example.jp</b></a> {why}.
<div>The response from the remote server was:<br><p>{said}</p></div></body></html>"""
BY_GMAIL_JA = f"""<html><body><h2>アドレスが見つかりません</h2>アドレスが見つからない、または
受信できないため、<b>c1@example.jp</b> にメールは配信されませんでした。<p>
リモート サーバーからの応答:<br>
{NO_SUCH}</p></body></html>"""
BY_EXCHANGE = """<html><body><p><b>{head}</b></p><p><a href="mailto:c1@example.jp">c1@example.jp</a>
<br>{why}</p><p>{diagnosis}</p><p>c1@example.jp<br>Remote Server returned '{said}'</p>
<p>Original message headers:</p><pre>Subject: 5.1.1, mailbox full</pre></body></html>"""
BY_OFFICE = """<html><body><p>Your message to c1@example.jp couldn't be delivered.</p>
<h2>{head}</h2><p>Original Message Details</p><p>Sender Address: shop@kizuna.example<br>
Recipient Address: c1@example.jp</p>
<p>Error Details</p><p>Reported error: {said}</p></body></html>"""
GROUPS = "Delivery has failed to these recipients or groups:"
LATE = "<p>Delivery is delayed to these recipients or groups:</p><p>c1@example.jp</p>"
TRIED = """<h2>Delivery incomplete</h2>There was a temporary problem delivering your message to
<b>c1@example.jp</b>. Gmail will retry for 46 more hours."""


def by_gmail(head: str, why: str, said: str) -> str:
    return BY_GMAIL.format(head=head, why=why, said=said)


def by_exchange(why: str, said: str, head: str = GROUPS) -> str:
    diagnosis = "Diagnostic information for administrators:"
    return BY_EXCHANGE.format(head=head, why=why, said=said, diagnosis=diagnosis)


def html(sender: str, subject: str, body: str, *more: str) -> bytes:
    """Write a notice as HTML alone; it answers our mail, and so bears our mark."""
    answers = f"In-Reply-To: <{message_mark(NUMBER)}@kizuna.example>"
    head = [f"From: {sender}", f"Subject: {Header(subject, 'utf-8').encode()}", answers, *more]
    typed = ["MIME-Version: 1.0", "Content-Type: text/html; charset=utf-8"]
    return "\n".join([*head, *typed, "", body]).encode()


GONE = [
    html(GMAIL, FAILED, by_gmail("Address not found", "because it couldn't be found", NO_SUCH),
         "X-Failed-Recipients: c1@example.jp"),
    html(GMAIL, FAILED, BY_GMAIL_JA, "X-Failed-Recipients: c1@example.jp"),
    html(GMAIL, FAILED, by_gmail("Address not found", "because the domain example.jp couldn't be "
         "found", "DNS Error: Domain name not found: example.jp")),
    html(EXCHANGE, "Undeliverable: hello", by_exchange(
        "The email address you entered couldn't be found.",
        "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup")),
    html(EXCHANGE, "配信不能: お知らせ", by_exchange(
        "入力したメール アドレスが見つかりませんでした。確認して、メッセージを再送信してください。",
        "550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found",
        "次の受信者またはグループへの配信に失敗しました:")),
    html(POSTMASTER, "Undeliverable: hello", BY_OFFICE.format(
        head="c1 wasn't found at example.jp.", said="550 5.1.10 RESOLVER.ADR.RecipientNotFound")),
]  # fmt: skip
FOR_NOW = [
    html(GMAIL, FAILED, by_gmail("Recipient inbox full", "because their inbox is full",
         "552 5.2.2 The email account that you tried to reach is over quota.")),
    html(GMAIL, FAILED, by_gmail("Message blocked", "because it was blocked",
         "550 5.7.26 This mail has been blocked because the sender is unauthenticated.")),
    html(GMAIL, "Delivery Status Notification (Delay)", TRIED),
    html(EXCHANGE, "Undeliverable: hello", by_exchange(
        "The recipient's mailbox is full.", "554 5.2.2 mailbox full; STOREDRV.Deliver")),
    html(EXCHANGE, "Delivery delayed: hello", LATE),
    html(POSTMASTER, "Undeliverable: hello", BY_OFFICE.format(
        head="example.jp suspects that your message is spam.", said="550 5.7.1 access denied")),
    html(POSTMASTER, "Undeliverable: hello", BY_OFFICE.format(
        head="example.jp did not answer.", said="550 5.4.316 expired; first said 550 5.1.1")),
    html(POSTMASTER, "Undeliverable: hello", BY_OFFICE.format(
        head="example.jp refused us.", said="host 5.1.1.20 is not welcome: access denied")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "kind"), [*((raw, "hard") for raw in GONE), *((raw, "soft") for raw in FOR_NOW)]
)
def test_a_notice_without_a_report_says_what_became_of_which_mail(raw: bytes, kind: str) -> None:
    found = read(raw)
    assert (found.sort, len(found.reports)) == (Sort.REPORT, 1)
    report = found.reports[0]
    assert (report.kind, report.address, report.message_id) == (kind, "c1@example.jp", NUMBER)
    assert report.said


def test_a_reader_that_believes_the_first_code_would_be_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    words = {"head": "example.jp did not answer.", "said": "550 5.1.1 first, then 5.4.316 expired"}
    mixed = html(POSTMASTER, "Undeliverable: hello", BY_OFFICE.format(**words))
    assert read(mixed).reports[0].kind == "soft"
    monkeypatch.setattr(reports, "_agree", lambda _said: True)
    assert read(mixed).reports[0].kind == "hard"


def test_what_cannot_be_understood_waits_for_a_person() -> None:
    vague = html(EXCHANGE, "Undeliverable: hello", "<p>Something did not work out.</p>")
    assert (read(vague).sort, read(vague).reports) == (Sort.UNREADABLE, ())
    letter = html("hana@example.jp", "Re: Undeliverable: hello", "<p>5.1.1? これは何ですか</p>")
    assert read(letter).sort == Sort.OTHER
