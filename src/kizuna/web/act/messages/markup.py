"""Turn a text into a plain mail and a simple HTML one: the author writes text, never HTML.

Paragraphs, `# ` headings, `- ` lists, `**bold**`, addresses and `[words](address)` are all there
is. Everything else is text. What fills a placeholder is never read again: it is put in at the end,
escaped for the place where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from urllib.parse import quote, urlsplit

from kizuna.web.act.messages.placeholders import Hole, Part, Read, read, value_of

MARK, END = "\ue000", "\ue001"
SECRET = re.compile(r"[\ue000-\uf8ff]")
TOKEN = re.compile(rf"{MARK}([0-9]+){END}")
ADDRESS = rf"(?:https?://|{MARK}[0-9]+{END})"
LINK = re.compile(
    rf"\[([^\[\]\n]{{1,300}})\]\(({ADDRESS}[^\s()<>\"]{{0,2000}})\)"
    r"|(https?://[^\s<>\"'()\[\]（）「」『』【】、。！？]{1,2000})"
)
BOLD = re.compile(r"\*\*([^*\n]{1,500})\*\*")
HEADING = "# "
ITEM = "- "


@dataclass(frozen=True, slots=True)
class Href:
    """Where a link leads, as the customer's program follows it."""

    number: int


@dataclass(frozen=True, slots=True)
class Shown:
    """An address as it is read."""

    number: int


type Bit = str | Hole | Href | Shown
type Bits = tuple[Bit, ...]
type Follow = Callable[[int, str], str]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A text, ready to be filled in: plain, as HTML, and its links."""

    text: Bits
    html: Bits
    links: tuple[tuple[Part, ...], ...]
    holes: tuple[Hole, ...]


@lru_cache(maxsize=256)
def compiled(source: str) -> Compiled:
    """Read a text once."""
    return _Writer(read(source)).compiled()


class _Writer:
    """Holds the placeholders and links of one text while it is read."""

    def __init__(self, found: Read) -> None:
        self.holes = found.holes
        self.links: list[tuple[Part, ...]] = []
        numbers = iter(range(len(self.holes)))
        self.source = "".join(
            f"{MARK}{next(numbers)}{END}" if isinstance(part, Hole) else SECRET.sub("", part)
            for part in found.parts
        ).replace("\r\n", "\n")

    def compiled(self) -> Compiled:
        text = self._inline(self.source, html=False)
        self.links.clear()
        html = tuple(bit for block in self.source.split("\n\n") for bit in self._block(block))
        return Compiled(_joined(text), _joined(html), tuple(self.links), self.holes)

    def _block(self, block: str) -> list[Bit]:
        lines = [line for line in block.split("\n") if line.strip()]
        bits: list[Bit] = []
        run: list[str] = []
        for line in [*lines, None]:
            kind = _kind(line)
            if run and (kind != _kind(run[0]) or kind == HEADING):
                bits += self._run(run)
                run = []
            if line is not None:
                run.append(line)
        return bits

    def _run(self, lines: Sequence[str]) -> list[Bit]:
        """Write lines of one kind."""
        kind = _kind(lines[0])
        if kind == HEADING:
            return ["<h2>", *self._inline(lines[0][2:], html=True), "</h2>\n"]
        inner = [self._inline(line.removeprefix(kind or ""), html=True) for line in lines]
        if kind == ITEM:
            items = [bit for line in inner for bit in ("<li>", *line, "</li>")]
            return ["<ul>", *items, "</ul>\n"]
        joined = [bit for number, line in enumerate(inner) for bit in _broken(number, line)]
        return ["<p>", *joined, "</p>\n"]

    def _inline(self, text: str, *, html: bool) -> list[Bit]:
        bits: list[Bit] = []
        at = 0
        for found in LINK.finditer(text):
            bits += self._plain(text[at : found.start()], html=html)
            bits += self._link(found, html=html)
            at = found.end()
        return [*bits, *self._plain(text[at:], html=html)]

    def _link(self, found: re.Match[str], *, html: bool) -> list[Bit]:
        number = len(self.links)
        self.links.append(self._parts(found[2] or found[3]))
        label = self._plain(found[1], html=html) if found[1] else [Shown(number)]
        if html:
            return ['<a href="', Href(number), '">', *label, "</a>"]
        return [*label, ": ", Href(number)] if found[1] else [Href(number)]

    def _plain(self, text: str, *, html: bool) -> list[Bit]:
        if html:
            return self._holes(BOLD.sub(r"<strong>\1</strong>", escape(text)))
        return self._holes(BOLD.sub(r"\1", text))

    def _holes(self, text: str) -> list[Bit]:
        return list(self._parts(text))

    def _parts(self, text: str) -> tuple[Part, ...]:
        pieces = TOKEN.split(text)
        return tuple(
            self.holes[int(piece)] if number % 2 else piece
            for number, piece in enumerate(pieces)
            if piece
        )


def _kind(line: str | None) -> str | None:
    if line is None:
        return None
    return next((mark for mark in (HEADING, ITEM) if line.startswith(mark)), "")


def _broken(number: int, line: Sequence[Bit]) -> list[Bit]:
    return ["<br>\n", *line] if number else list(line)


def _joined(bits: Sequence[Bit]) -> Bits:
    """Put texts that follow each other together."""
    done: list[Bit] = []
    for bit in bits:
        if isinstance(bit, str) and done and isinstance(done[-1], str):
            done[-1] += bit
        else:
            done.append(bit)
    return tuple(done)


def addresses(found: Compiled, values: Mapping[str, str | None]) -> list[str]:
    """Fill the links in; one that does not lead into the web leads nowhere."""
    return [_address(parts, values) for parts in found.links]


def _address(parts: Sequence[Part], values: Mapping[str, str | None]) -> str:
    pieces = [
        part if isinstance(part, str) else _in_address(part, values, first=number == 0)
        for number, part in enumerate(parts)
    ]
    text = "".join(pieces)
    try:
        fits = urlsplit(text).scheme in ("http", "https") and bool(urlsplit(text).hostname)
    except ValueError:
        fits = False
    return text if fits else ""


def _in_address(hole: Hole, values: Mapping[str, str | None], *, first: bool) -> str:
    """A whole address is given by whoever sends; of a customer's words nothing is an address."""
    value = value_of(hole, values) or ""
    if not first:
        return quote(value, safe="")
    return quote(value, safe="%/:=&?~#+!$,;'@()*[]-._")


def filled(
    bits: Bits,
    values: Mapping[str, str | None],
    links: Sequence[str],
    follow: Follow,
    *,
    html: bool,
) -> str:
    """Fill everything in, escaped for its place."""
    return "".join(_filled(bit, values, links, follow, html=html) for bit in bits)


def _filled(
    bit: Bit, values: Mapping[str, str | None], links: Sequence[str], follow: Follow, *, html: bool
) -> str:
    if isinstance(bit, str):
        return bit
    if isinstance(bit, Hole):
        text = value_of(bit, values) or ""
    elif isinstance(bit, Shown):
        text = links[bit.number]
    else:
        target = links[bit.number]
        text = follow(bit.number, target) if target else ""
    return escape(text) if html else text


def line(source: str, values: Mapping[str, str | None]) -> str:
    """Fill in a subject: one line, whatever the values are."""
    parts = read(source).parts
    text = "".join(p if isinstance(p, str) else value_of(p, values) or "" for p in parts)
    return " ".join(text.split())


def plain(text: str) -> str:
    """Write lines of ours, such as the footer, as HTML with their links."""
    bits = _Writer(Read((text,))).compiled()
    return filled(bits.html, {}, addresses(bits, {}), lambda _number, target: target, html=True)
