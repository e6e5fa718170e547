"""A mail that is written at once is read by Python's `email` as it was meant, letter by letter."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import formataddr
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from hypothesis import given
from hypothesis import strategies as st

from kizuna.web.act.messages.channels.smtp import POLICY
from kizuna.web.act.messages.channels.writing import written

STOP = f"<https://k.example/unsubscribe/{'x' * 150}>"
HEADERS = {"Message-ID": "<1@k.example>", "List-Unsubscribe": STOP}
LETTERS = "abc XYZ.,=?_\"'<>@\\é漢字の山田😀様–"
LINES = st.text(alphabet=LETTERS, max_size=150).map(lambda text: " ".join(text.split()))
BODIES = st.text(alphabet=LETTERS + "\n\t.", max_size=2_500)


def mail(subject: str, text: str, html: str = "", to: str = "c@k.jp") -> EmailMultiAlternatives:
    """Make a mail as the channel does."""
    made = EmailMultiAlternatives(subject, text, "Kizuna <k@k.example>", [to], headers=HEADERS)
    if html:
        made.attach_alternative(html, "text/html")
    return made


def read(said: bytes) -> EmailMessage:
    """Read a mail."""
    found: Any = message_from_bytes(said, policy=policy.default)
    return found  # type: ignore[no-any-return]


def strictly(said: bytes) -> EmailMessage:
    """Read a mail that has nothing which a server or a strict reader objects to."""
    bare = said.replace(b"\r\n", b"")
    assert said.isascii()
    assert not {b"\r"[0], b"\n"[0]} & set(bare)
    assert max(map(len, said.split(b"\r\n"))) <= 998
    found = read(said)
    assert [defect for part in found.walk() for defect in part.defects] == []
    return found


def body(found: EmailMessage, kind: str) -> str:
    """Give a body of a mail."""
    part = found.get_body((kind,))
    return str(part.get_content()) if part is not None else ""


@given(LINES, BODIES, BODIES, LINES.map(lambda text: text[:30]))
def test_what_is_written_is_read_as_it_was_meant(
    subject: str, text: str, html: str, name: str
) -> None:
    made = mail(subject, text, html, formataddr((name, "c@k.jp")))
    said = written(made)
    if said is None:
        return
    found, slow = strictly(said), read(made.message(policy=POLICY).as_bytes())
    assert found["Subject"] == subject
    [box] = found["To"].addresses
    assert (box.display_name, box.addr_spec) == (name.strip(), "c@k.jp")
    assert found["From"] == "Kizuna <k@k.example>"
    assert [body(found, k) for k in ("plain", "html")] == [body(slow, k) for k in ("plain", "html")]
    assert f"\r\nList-Unsubscribe: {STOP}\r\n".encode() in said


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (mail("a\r\nBcc: all@k.jp", "x"), "a line break in the subject"),
        (mail("a", "x", to="c@k.jp\r\nBcc: all@k.jp"), "one in the address"),
        (mail("a", "x", to="山田@k.jp"), "letters no server knows"),
        (mail("a", "x", to="a..b@k.jp"), "an address that wants quotes"),
        (mail("a", "\ud800"), "half a letter"),
        (mail("", "x"), "no subject"),
    ],
)
def test_what_is_out_of_the_ordinary_goes_the_long_way(
    made: EmailMultiAlternatives, why: str
) -> None:
    assert written(made) is None, why


def test_usual_letters_are_written_at_once() -> None:
    japanese = mail(
        "山田 太郎 様へ", "山田 太郎 様\n", "<p>様</p>", formataddr(("山田 太郎", "c@k.jp"))
    )
    plain = mail("News", "Hello\n", "<p>café</p>" + "x" * 2_000)
    for made in (japanese, plain):
        said = written(made)
        assert said is not None
        assert body(strictly(said), "plain").splitlines() == made.body.splitlines()
