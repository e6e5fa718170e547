"""What a page is made of: sections of prose, facts, notes, pictures and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from markupsafe import Markup

from kizuna.charts import Figure

type Text = str | Markup
type Mood = Literal["good", "info", "caution", "serious", "unknown"]


@dataclass(frozen=True, slots=True)
class Prose:
    """Paragraphs."""

    paragraphs: tuple[Text, ...]
    kind: ClassVar[str] = "prose"


@dataclass(frozen=True, slots=True)
class Note:
    """One remark with its icon; the word for its mood is said too, never colour alone."""

    mood: Mood
    text: Text
    title: str = ""
    kind: ClassVar[str] = "note"


@dataclass(frozen=True, slots=True)
class Fact:
    """A number with its name and, below it, what makes it readable."""

    name: str
    value: str
    remark: Text = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Numbers side by side."""

    facts: tuple[Fact, ...]
    kind: ClassVar[str] = "facts"


@dataclass(frozen=True, slots=True)
class Column:
    """Head of a column; numbers are set right."""

    head: str
    number: bool = False
    code: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Cells of a row, already written; `mark` lifts the row out with a word."""

    cells: tuple[Text, ...]
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. `foot` explains it; the first cell of a row names the row."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    foot: Text = ""
    shown_caption: bool = True
    kind: ClassVar[str] = "grid"


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart with the sentence that it shows and the table that it was drawn from."""

    name: str
    title: str
    says: Text
    figure: Figure
    numbers: Grid
    kind: ClassVar[str] = "picture"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pictures side by side where there is room."""

    pictures: tuple[Picture, ...]
    kind: ClassVar[str] = "pair"


@dataclass(frozen=True, slots=True)
class Terms:
    """Names with their explanations."""

    terms: tuple[tuple[str, tuple[tuple[str, Text], ...]], ...]
    kind: ClassVar[str] = "terms"


type Block = Prose | Note | Facts | Grid | Picture | Pair | Terms


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page; `lead` is the one sentence to read."""

    name: str
    title: str
    lead: Text = ""
    blocks: Sequence[Block] = field(default_factory=tuple)
