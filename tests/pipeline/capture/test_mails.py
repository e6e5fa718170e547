"""Mails as programs write them: charsets of Japan, threads, pages, and what is no mail at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kizuna.pipeline.capture.mails import decoded, read_mail

HEAD = b"From: =?ISO-2022-JP?B?GyRCOzNFRBsoQg==?= <Yamada@Example.jp>\r\nMessage-ID: <a@b>\r\n"
NEC = b"\x1b$B-!-j\x1b(B"
"""① and ㈱, which the standard does not know and mail programs write all the same."""


@pytest.mark.parametrize("charset", ["iso-2022-jp", "shift_jis", "euc-jp", "utf-8", "cp932"])
def test_a_text_is_read_in_the_charset_that_it_names(charset: str) -> None:
    content = HEAD + f"Content-Type: text/plain; charset={charset}\r\n\r\n".encode()
    found = read_mail(content + "漢字とカナ、ー".encode(charset))
    assert (found.text, found.sender, found.sender_name) == (
        "漢字とカナ、ー", "yamada@example.jp", "山田",
    )  # fmt: skip


def test_signs_beyond_the_standard_are_read() -> None:
    assert decoded(NEC, "ISO-2022-JP") == "①㈱"
    assert decoded(b"\x1b(I1\x1b(B", "ISO-2022-JP") == "ｱ"
    assert read_mail(HEAD + b"Subject: " + NEC + b"\r\n\r\n").subject == "①㈱"


def test_the_codec_of_python_alone_would_lose_them() -> None:
    with pytest.raises(UnicodeError):
        NEC.decode("iso2022_jp")


def test_a_thread_begins_with_the_first_reference() -> None:
    assert read_mail(HEAD + b"References: <r@x>\r\n <s@x>\r\n\r\n").thread == "<r@x>"
    assert read_mail(HEAD + b"In-Reply-To: <s@x>\r\n\r\n").thread == "<s@x>"
    assert read_mail(HEAD + b"\r\n").thread == "<a@b>"


def test_of_a_page_what_it_shows_is_kept() -> None:
    page = b"<style>p{}</style><p>One<br>two</p><script>x()</script>"
    found = read_mail(HEAD + b"Content-Type: text/html\r\n\r\n" + page)
    assert found.text == "One\ntwo"


@given(st.binary(max_size=400))
def test_nothing_that_comes_breaks_the_reader(content: bytes) -> None:
    for mail in (content, HEAD + content, HEAD + b"Subject: " + content):
        assert "\0" not in read_mail(mail).text + read_mail(mail).subject
