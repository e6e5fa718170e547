"""Rules that every template of the application keeps."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from project import SOURCE

TEMPLATES = sorted((SOURCE / "web").rglob("templates/**/*.html"))
WORD = re.compile(r"\{\{.*?\}\}|\{% (translate|blocktranslate|include|again) .*?%\}", re.DOTALL)
ICON = re.compile(r"\{% icon .*?%\}")
VOID = {"input", "br", "img", "link", "meta", "hr", "path", "source"}


class Page(HTMLParser):
    """Collects what a strict content security policy would refuse."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.refused: list[str] = []
        self.feed(re.sub(r"\{[%#].*?[%#]\}", "", text, flags=re.DOTALL))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        data = (names.get("type") or "").endswith("json")
        if tag == "style" or (tag == "script" and "src" not in names and not data):
            self.refused.append(f"<{tag}>")
        self.refused += [name for name in names if name == "style" or name.startswith("on")]
        addresses = [
            v or "" for n, v in attrs if n in {"href", "src", "action", "hx-get", "hx-post"}
        ]
        self.refused += [a for a in addresses if a.startswith(("http:", "//", "javascript:"))]


class Icons(HTMLParser):
    """Finds icons whose element says nothing."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.alone = 0
        self.open: list[list[int]] = [[0, 0]]
        self.feed(
            re.sub(r"\{%.*?%\}", "", WORD.sub("word", ICON.sub("<icon>", text)), flags=re.DOTALL)
        )
        self.close()
        while self.open:
            self.handle_endtag("")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "icon":
            self.open[-1][0] += 1
        elif tag not in VOID:
            self.open.append([0, 0])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Leave out what has no content."""

    def handle_data(self, data: str) -> None:
        self.open[-1][1] += bool(data.strip())

    def handle_endtag(self, tag: str) -> None:
        icons, words = self.open.pop()
        self.alone += icons if not words else 0
        if self.open:
            self.open[-1][1] += words


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_no_script_or_style_within_it(path: Path) -> None:
    assert Page(path.read_text("utf-8")).refused == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_icon_has_a_word_beside_it(path: Path) -> None:
    assert Icons(path.read_text("utf-8")).alone == 0


@pytest.mark.parametrize("bad", ["<p onclick='x()'>", "<style>p{}</style>", "<script>x()</script>"])
def test_the_rule_finds_what_the_policy_would_refuse(bad: str) -> None:
    assert Page(bad).refused != []


def test_the_rule_finds_an_icon_alone() -> None:
    assert Icons('<p>Word <a href="/">{% icon "plus" %}</a></p>').alone == 1
    assert Icons('<a href="/"><span>Word</span>{% icon "plus" %}</a>').alone == 0
