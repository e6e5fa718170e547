"""What comes back is read in the shapes in which servers write it, those of Japan's among them.

The shapes are those that Postfix, qmail, Exim, Exchange, au, docomo and Yahoo! JAPAN are publicly
known to write; names and addresses are made up.
"""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import settings as pace
from hypothesis import strategies as st

from kizuna.web.act.messages.reports import Report, Sort, kind_of, read
from kizuna.web.act.messages.tracking import message_mark

NUMBER = 12
HEADERS = "From: shop@kizuna.example\nTo: {to}\nSubject: =?utf-8?b?44GK55+l44KJ44Gb?=\n"


def original(to: str = "c1@example.jp") -> str:
    """Give the head of a mail of ours, as servers put it into their reports."""
    head = HEADERS.format(to=to)
    return f"{head}Message-ID: <{message_mark(NUMBER)}@kizuna.example>\n"


def dsn(status: str, said: str, action: str = "failed", to: str = "c1@example.jp") -> bytes:
    """Write a report as Postfix does."""
    return f"""Return-Path: <>
From: MAILER-DAEMON@mx.shop.example (Mail Delivery System)
To: bounce@kizuna.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b/1"

--b/1
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.shop.example.

<{to}>: host mx.example.jp said: {said}
--b/1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.shop.example
Arrival-Date: Sun, 22 Nov 2026 09:00:00 +0900 (JST)

Final-Recipient: rfc822; {to}
Original-Recipient: rfc822;{to}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.example.jp
Diagnostic-Code: smtp; {said}

--b/1
Content-Type: text/rfc822-headers

{original(to)}
--b/1--
""".encode()


def notice(sender: str, subject: str, text: str, *more: str) -> bytes:
    """Write a notice in words."""
    head = [f"From: {sender}", f"Subject: {subject}", "Message-ID: <n1@mx.example>", *more]
    return ("\n".join(head) + "\nContent-Type: text/plain; charset=utf-8\n\n" + text).encode()


AU = "Postmaster@ezweb.ne.jp"
RULE = "-" * 50
REJECTED = """Each of the following recipients was rejected by a remote mail server.
The reasons given by the server are included to help you determine why
each recipient was rejected.

    Recipient: <c1@ezweb.ne.jp>
    >>> RCPT TO:<c1@ezweb.ne.jp>
    <<< {said}

"""
YAHOO = """Message from yahoo.co.jp.
Unable to deliver message to the following address(es).

<c1@yahoo.co.jp>:
This user doesn't have a yahoo.co.jp account (c1@yahoo.co.jp) [0]

--- Original message follows.
"""
QMAIL = """Hi. This is the qmail-send program at mail.example.jp.
I'm afraid I wasn't able to deliver your message to the following addresses.

<c1@example.jp>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

"""
EXIM = """This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  c1@example.jp
    all relevant MX records point to non-existent hosts: host not found

------ This is a copy of the message, including all the headers. ------

"""
JAPANESE = """送信されたメールを以下の宛先に届けることができませんでした。

宛先: <c1@example.jp>
理由: メールボックスの容量がいっぱいです。

"""


@pytest.mark.parametrize(
    ("raw", "kind", "address"),
    [
        (dsn("5.1.1", "550 5.1.1 <c1@example.jp> User unknown"), "hard", "c1@example.jp"),
        (dsn("5.0.0", "550 Unknown user c1@docomo.ne.jp", to="c1@docomo.ne.jp"), "hard",
         "c1@docomo.ne.jp"),
        (dsn("5.4.1", "550 5.4.1 Recipient address rejected: no such user"), "hard",
         "c1@example.jp"),
        (dsn("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound"), "hard", "c1@example.jp"),
        (dsn("5.2.2", "552 5.2.2 mailbox full"), "soft", "c1@example.jp"),
        (dsn("5.0.0", "552 too much mail data"), "soft", "c1@example.jp"),
        (dsn("5.7.1", "550 5.7.1 blocked: user unknown or spam"), "soft", "c1@example.jp"),
        (dsn("5.0.0", "550 : User unknown", to="c1@au.com"), "soft", "c1@au.com"),
        (dsn("4.4.1", "connect: timed out", "delayed"), "soft", "c1@example.jp"),
        (notice(AU, "Mail System Error - Returned Mail",
                REJECTED.format(said="550 <c1@ezweb.ne.jp>: User unknown") + RULE + "\n"
                + original("c1@ezweb.ne.jp")), "hard", "c1@ezweb.ne.jp"),
        (notice(AU, "Mail System Error - Returned Mail",
                REJECTED.format(said="550 : User unknown") + RULE + "\n" + original()), "soft",
         "c1@ezweb.ne.jp"),
        (notice(AU, "Mail System Error - Returned Mail",
                "The user(s) account is temporarily over quota.\n\n<c1@ezweb.ne.jp>\n\n" + RULE
                + "\n" + original()), "soft", "c1@ezweb.ne.jp"),
        (notice("MAILER-DAEMON@yahoo.co.jp", "Delivery failure", YAHOO + original()), "hard",
         "c1@yahoo.co.jp"),
        (notice("MAILER-DAEMON@mail.example.jp", "failure notice", QMAIL + original()), "hard",
         "c1@example.jp"),
        (notice("Mail Delivery System <Mailer-Daemon@mx.example>", "Mail delivery failed",
                EXIM + original(), "X-Failed-Recipients: c1@example.jp"), "hard", "c1@example.jp"),
        (notice("postmaster@example.jp", "メール不達のお知らせ",
                JAPANESE + RULE + "\n" + original()), "soft", "c1@example.jp"),
    ],
)  # fmt: skip
def test_a_report_says_of_which_mail_and_how_it_came_back(
    raw: bytes, kind: str, address: str
) -> None:
    found = read(raw)
    assert (found.sort, len(found.reports)) == (Sort.REPORT, 1)
    report = found.reports[0]
    assert (report.kind, report.address, report.message_id) == (kind, address, NUMBER)
    assert report.said


ARF = """From: feedback@provider.example
Subject: complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="c"

--c
Content-Type: text/plain

This is an abuse report.
--c
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Provider/1
Version: 1
Original-Rcpt-To: c1@example.jp

--c
Content-Type: message/rfc822

{original}
Hello
--c--
"""


def test_a_complaint_is_read_and_a_praise_is_none() -> None:
    found = read(ARF.format(kind="abuse", original=original()).encode())
    assert found.reports == (Report("complaint", NUMBER, "c1@example.jp", "", "complaint: abuse"),)
    praise = read(ARF.format(kind="not-spam", original=original()).encode())
    assert (praise.sort, praise.reports) == (Sort.AUTOMATIC, ())


AWAY = "Auto-Submitted: auto-replied\nReturn-Path: <>\nIn-Reply-To: <x@kizuna.example>"
READ = """From: hana@example.jp
Content-Type: multipart/report; report-type=disposition-notification; boundary="d"

--d
Content-Type: message/disposition-notification

Final-Recipient: rfc822;hana@example.jp
Disposition: manual-action/MDN-sent-manually; displayed

--d--
"""


@pytest.mark.parametrize(
    ("raw", "sort"),
    [
        (
            notice("hana@example.jp", "自動返信: 不在にしております", "休みです。", AWAY),
            "automatic",
        ),
        (notice("hana@example.jp", "Out of office", "away", "X-Autoreply: yes"), "automatic"),
        (READ.encode(), "automatic"),
        (dsn("2.0.0", "250 ok", "relayed"), "automatic"),
        (notice("hana@example.jp", "Re: お知らせ", "ありがとうございます。"), "other"),
        (notice("MAILER-DAEMON@mx.example", "Returned mail", "Something happened."), "unreadable"),
        (dsn("5.1.1", "x").replace(b"Action:", b"Auction:"), "unreadable"),
        (b"", "other"),
    ],
)
def test_what_is_no_report_is_none(raw: bytes, sort: str) -> None:
    found = read(raw)
    assert (found.sort, found.reports) == (sort, ())


@pytest.mark.parametrize("way", ["base64", "address", "none"])
def test_our_mark_is_found_wherever_it_is(way: str) -> None:
    plain = QMAIL + original()
    if way == "base64":
        packed = base64.encodebytes(plain.encode()).decode()
        raw = notice(
            "MAILER-DAEMON@mx", "failure notice", packed, "Content-Transfer-Encoding: base64"
        )
    elif way == "address":
        to = f"To: bounce+{message_mark(NUMBER)}@kizuna.example"
        raw = notice("MAILER-DAEMON@mx", "failure notice", QMAIL, to)
    else:
        raw = notice("MAILER-DAEMON@mx", "failure notice", QMAIL.replace("12", "13"))
    assert read(raw).number == (None if way == "none" else NUMBER)


def test_a_mark_that_is_made_up_is_none() -> None:
    forged = original().replace(message_mark(NUMBER), message_mark(NUMBER)[:-3] + "abc")
    assert read(notice("MAILER-DAEMON@mx", "failure notice", QMAIL + forged)).number is None


def test_a_reader_that_takes_every_failure_for_an_end_would_be_found() -> None:
    wrong = [s for s in ("5.2.2", "5.7.1", "5.3.4", "4.4.1") if kind_of(s, "no") == "hard"]
    assert wrong == [], "a list would be lost to one blocked afternoon"


@pace(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 900))
def test_no_mail_breaks_the_reader(junk: bytes, place: int) -> None:
    whole = dsn("5.1.1", "550 no")
    assert read(whole[:place] + junk + whole[place + len(junk) :]).sort in Sort
    assert read(junk).sort in Sort
