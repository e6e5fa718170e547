"""Read a text with placeholders: nothing is evaluated, names are looked up, and that is all.

`{{ customer.name }}` is filled in; `{{ customer.name | "customer" }}` has words for where nothing
is known; `{{ "{{" }}` writes what stands between the quotes. One pass, linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

LONGEST = 20_000
MOST_PROBLEMS = 20
LONGEST_VALUE = 2_000
BLANK = r"[ \t\u3000]*"
HOLE = re.compile(
    rf'\{{\{{{BLANK}(?:"([^"\n]{{0,500}})"|([^\s{{}}|"]{{1,120}}))'
    rf'{BLANK}(?:\|{BLANK}"([^"\n]{{0,500}})"{BLANK})?\}}\}}'
)
OPENS = re.compile(r"\{\{|\{%")
SPACES = re.compile(r"[\s\x00-\x1f\x7f\u2028\u2029\ue000-\uf8ff\u202a-\u202e\u2066-\u2069]+")
VALUE = "value."
"""What begins so is given by whoever sends."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A placeholder: its name and the words for where nothing is known."""

    name: str
    fallback: str | None = None


type Part = str | Hole


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a text, and where: lines and columns count from 1."""

    code: str
    line: int
    column: int
    shown: str = ""
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """A text, read: its parts, and what is wrong with it."""

    parts: tuple[Part, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def holes(self) -> tuple[Hole, ...]:
        """The placeholders."""
        return tuple(part for part in self.parts if isinstance(part, Hole))


def read(text: str, known: Collection[str] | None = None) -> Read:
    """Read a text; with `known`, names that are not among them are problems."""
    if len(text) > LONGEST:
        return Read((), (Problem("too_long", 1, 1),))
    parts: list[Part] = []
    problems: list[Problem] = []
    at = 0
    while (opened := OPENS.search(text, at)) and len(problems) < MOST_PROBLEMS:
        parts.append(text[at : opened.start()])
        at = _one(text, opened.start(), parts, problems, known)
    parts.append(text[at:])
    return Read(tuple(part for part in parts if part != ""), tuple(problems))


def _one(
    text: str,
    start: int,
    parts: list[Part],
    problems: list[Problem],
    known: Collection[str] | None,
) -> int:
    """Read what opens at a place; give where to go on."""
    found = HOLE.match(text, start)
    if found is None:
        code = "code" if text.startswith("{%", start) else _unreadable(text, start)
        problems.append(_problem(code, text, start, text[start : start + 40]))
        parts.append(text[start : start + 2])
        return start + 2
    literal, name, fallback = found.groups()
    if literal is not None:
        parts.append(literal)
    else:
        parts.append(Hole(name, fallback))
        if known is not None and name not in known and not is_given(name):
            problems.append(_unknown(text, start, name, known))
    return found.end()


def is_given(name: str) -> bool:
    """Tell names that whoever sends fills in."""
    return name.startswith(VALUE) and len(name) > len(VALUE)


def _unreadable(text: str, start: int) -> str:
    end = text.find("\n", start)
    line = text[start : end if end >= 0 else len(text)]
    return "malformed" if "}}" in line else "unclosed"


def _unknown(text: str, start: int, name: str, known: Collection[str]) -> Problem:
    near = get_close_matches(name, sorted(known), n=1, cutoff=0.5)
    return _problem("unknown", text, start, name, near[0] if near else "")


def _problem(code: str, text: str, start: int, shown: str, instead: str = "") -> Problem:
    line = text.count("\n", 0, start) + 1
    column = start - (text.rfind("\n", 0, start) + 1) + 1
    return Problem(code, line, column, shown.partition("\n")[0], instead)


def clean(value: str) -> str:
    """Make a value one line of text, without what steers a terminal or turns the writing round."""
    return SPACES.sub(" ", value[:LONGEST_VALUE]).strip()


def value_of(hole: Hole, values: Mapping[str, str | None]) -> str | None:
    """Give what fills a placeholder; None: nothing is known and no words are there instead."""
    found = values.get(hole.name)
    text = clean(found) if found else ""
    return text or hole.fallback


def missing(holes: Collection[Hole], values: Mapping[str, str | None]) -> Iterator[str]:
    """Name the placeholders that nothing fills."""
    return (name for name in dict.fromkeys(h.name for h in holes if value_of(h, values) is None))
