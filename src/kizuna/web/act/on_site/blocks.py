"""The words of a message as blocks that a script writes as text: no HTML travels to the site.

The markup is that of mails. Its HTML, which is ours and escaped, is read again here and only what
is known comes through; the script on the page knows the same few names and sets texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from kizuna.web.act.messages import markup
from kizuna.web.act.messages.placeholders import Problem, missing, read

BLOCKS, INLINE = ("h2", "p", "ul", "li"), ("strong", "a")
type Node = str | list[Any]


class _Reader(HTMLParser):
    """Reads our own HTML into lists: `["p", {}, "text", ["strong", {}, "bold"]]`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.roots: list[Node] = []
        self.open: list[list[Any]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._put(["br", ""])
        if tag in (*BLOCKS, *INLINE):
            href = dict(attrs).get("href") or "" if tag == "a" else ""
            node = [tag, href if href.startswith(("https://", "http://")) else ""]
            self._put(node)
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1][0] == tag:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open:
            self._put(data.removeprefix("\n") if self._after_break else data)

    @property
    def _after_break(self) -> bool:
        return isinstance(self.open[-1][-1], list) and self.open[-1][-1][0] == "br"

    def _put(self, node: Node) -> None:
        (self.open[-1] if self.open else self.roots).append(node)


def blocks(body: str, values: Mapping[str, str | None]) -> list[Node]:
    """Fill a text in, and give it as blocks."""
    found = markup.compiled(body)
    links = markup.addresses(found, values)
    html = markup.filled(found.html, values, links, lambda _number, target: target, html=True)
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.roots


def lacking(texts: tuple[str, ...], values: Mapping[str, str | None]) -> bool:
    """Whether a placeholder has nothing to say and no words instead."""
    return any(list(missing(read(text).holes, values)) for text in texts)


def names_in(texts: tuple[str, ...]) -> list[str]:
    """Name the placeholders of some texts."""
    return list(dict.fromkeys(hole.name for text in texts for hole in read(text).holes))


def problems(text: str, known: frozenset[str]) -> tuple[Problem, ...]:
    """Say what is wrong with a text; nobody gives values on a site, so those are unknown."""
    given = tuple(
        Problem("unknown", 1, 1, hole.name)
        for hole in read(text).holes
        if hole.name.startswith("value.")
    )
    return (*read(text, known).problems, *given)
