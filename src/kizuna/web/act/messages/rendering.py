"""Make letters of messages: the words filled in, the lines of the law, headers, links that tell."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from django.utils.translation import override

from kizuna.web.act.messages import markup, tracking
from kizuna.web.act.messages.channels.protocol import Letter
from kizuna.web.act.messages.models import Channel, Text
from kizuna.web.act.messages.placeholders import missing, read
from kizuna.web.capture.consents import messages as consent
from kizuna.web.capture.consents.links import Sealed
from kizuna.web.capture.consents.models import Kind, Purpose, Sender

PAGE = (
    '<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><title>{title}</title></head>\n'
    '<body style="margin:0;padding:24px 16px;font:16px/1.7 sans-serif;color:#1f2430">'
    '<div style="max-width:600px;margin:0 auto">\n{body}'
    '<div style="margin-top:32px;padding-top:12px;border-top:1px solid #d5d8de;font-size:13px">'
    "{footer}</div>\n</div>{picture}</body></html>\n"
)


@dataclass(frozen=True, slots=True)
class About:
    """What a letter is besides its words.

    `number` is the message's, and 0 for a look or a test, where nothing tells who followed a link.
    """

    customer_id: str
    address: str
    name: str = ""
    number: int = 0
    key: str = ""
    purpose: Purpose | None = None
    topic: str = ""
    follows: bool = False
    sender: Sender | None = None


class Lacking(Exception):  # noqa: N818  -- said of a customer, no fault of the program
    """Nothing is known that some placeholders could say."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(", ".join(names))
        self.names = names


def names_in(text: Text) -> list[str]:
    """Name the placeholders of a text."""
    holes = (*read(text.subject).holes, *read(text.body).holes)
    return list(dict.fromkeys(hole.name for hole in holes))


def lacking(text: Text, values: Mapping[str, str | None]) -> tuple[str, ...]:
    """Name the placeholders that nothing fills."""
    return tuple(missing((*read(text.subject).holes, *read(text.body).holes), values))


def letter(text: Text, values: Mapping[str, str | None], about: About) -> Letter:
    """Fill a text in.

    Raises
    ------
    Lacking
        Where a placeholder has nothing to say and no words instead.

    """
    if found := lacking(text, values):
        raise Lacking(found)
    body = markup.compiled(text.body)
    links = markup.addresses(body, values)
    follow = _follow(about)
    subject = markup.line(text.subject, values)
    with override(text.language):
        footer, headers = _footer(text.channel, about), _headers(text.channel, about)
    plain = markup.filled(body.text, values, links, follow, html=False)
    html = ""
    if text.channel == Channel.EMAIL:
        inner = markup.filled(body.html, values, links, follow, html=True)
        html = _page(text.language, subject, inner, footer, about)
    return Letter(
        number=about.number,
        key=about.key,
        address=about.address,
        name=about.name,
        subject=subject,
        text=f"{plain.rstrip()}\n\n-- \n{footer}\n" if footer else plain,
        html=html,
        headers=headers,
        payload={"customer_id": about.customer_id, "id": about.key, "language": text.language},
    )


def links_in(body: str) -> int:
    """Count the links of a text."""
    return len(markup.compiled(body).links)


def _follow(about: About) -> markup.Follow:
    site = about.sender.site if about.sender else ""
    if not (about.number and about.follows and site):
        return lambda _number, target: target
    return lambda number, target: tracking.click_url(site, about.number, number, target)


def _is_bound(about: About) -> bool:
    """Whether the customer may refuse what a letter is for."""
    return about.purpose is not None and about.purpose.kind != Kind.TRANSACTIONAL


def _sealed(channel: str, about: About) -> Sealed:
    code = about.purpose.code if about.purpose else ""
    return Sealed(about.customer_id, code, channel, about.topic)


def _footer(channel: str, about: About) -> str:
    if channel == Channel.WEBHOOK or not _is_bound(about):
        return ""
    whole = consent.footer(_sealed(channel, about), about.sender)
    if channel == Channel.EMAIL:
        return whole
    # elsewhere room is short: who writes, and how to stop it
    lines = whole.splitlines()
    return "\n".join((lines[0], lines[3]))


def _headers(channel: str, about: About) -> dict[str, str]:
    if channel != Channel.EMAIL:
        return {}
    found = {"Message-ID": message_id(about), "Auto-Submitted": "auto-generated"}
    if _is_bound(about):
        found |= consent.headers(_sealed(channel, about), about.sender)
    return found


def message_id(about: About) -> str:
    """Name a mail so that a report on it is known to be on this one, and nobody makes one up."""
    site = about.sender.site if about.sender else ""
    host = site.partition("//")[2].partition("/")[0].partition(":")[0] or "kizuna.invalid"
    mark = tracking.message_mark(about.number) if about.number else uuid.uuid4().hex
    return f"<{mark}@{host}>"


def _page(language: str, title: str, inner: str, footer: str, about: About) -> str:
    picture = ""
    site = about.sender.site if about.sender else ""
    if about.number and about.follows and site:
        source = escape(tracking.open_url(site, about.number))
        picture = f'<img src="{source}" width="1" height="1" alt="">'
    return PAGE.format(
        language=language,
        title=escape(title),
        body=inner,
        footer=markup.plain(footer) if footer else "",
        picture=picture,
    )


def offered(texts: Sequence[Text], channel: str) -> dict[str, Text]:
    """Give the texts of a channel by language."""
    return {text.language: text for text in texts if text.channel == channel}
