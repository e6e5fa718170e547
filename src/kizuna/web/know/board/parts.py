"""The cards of the board: sections of the report as components, with links to their customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kizuna.charts.style import safe
from kizuna.report.blocks import Block, Facts, Grid, Pair, Picture, Row, Section
from kizuna.report.material import Material
from kizuna.report.sections import (
    accuracy,
    acquisition,
    back_test,
    changes,
    concentration,
    ltv,
    repurchase,
    retention,
    segments,
)
from kizuna.web.know.board.cells import Cells, cells, linked
from kizuna.web.know.board.drill import Links, links, movers
from kizuna.web.know.board.explained import PARTS, TESTED, Stat, explained, stats
from kizuna.web.ui.components import Cell, Column, Explain, Table, Text

SECTIONS = (
    changes.section,
    segments.section,
    ltv.section,
    acquisition.section,
    retention.section,
    repurchase.section,
    concentration.section,
    accuracy.section,
    back_test.section,
)
"""In reading order."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with its title, what it shows, and its numbers."""

    id: str
    title: Text
    text: Text
    figure: dict[str, Any]
    numbers: Table
    kind: str = "chart"


@dataclass(frozen=True, slots=True)
class Shown:
    """A table among the blocks, with what explains it."""

    table: Table
    foot: Text = ""
    kind: str = "grid"


@dataclass(frozen=True, slots=True)
class Stats:
    """Numbers side by side."""

    stats: Sequence[Stat]
    kind: str = "stats"


@dataclass(frozen=True, slots=True)
class Ways:
    """Where the names of the rows of a part lead, and its numbers."""

    part: str
    names: Links
    cells: Cells


@dataclass(frozen=True, slots=True)
class Part:
    """A card of the board."""

    name: str
    title: Text
    lead: Text
    blocks: Sequence[object]
    explain: Explain | None = None


def parts(m: Material, tested: str) -> list[Part]:
    """Give every card, in reading order."""
    return [_part(m, section(m), tested) for section in SECTIONS]


def _part(m: Material, section: Section, tested: str) -> Part:
    name, back = section.name, tested if section.name in TESTED else ""
    ways = Ways(name, links(m, name), cells(m, name))
    shown = [_shown(m, block, ways, back) for block in _flat(section)]
    term = PARTS.get(name)
    about = explained(m, term, back_test=back) if term else None
    return Part(name, section.title, section.lead, shown, about)


def _flat(section: Section) -> list[Block]:
    found: list[Block] = []
    for block in section.blocks:
        found += block.pictures if isinstance(block, Pair) else [block]
    return found


def _shown(m: Material, block: Block, ways: Ways, back_test: str) -> object:
    """Give a block of the report in the form of our components."""
    if isinstance(block, Picture):
        return _chart(m, block, ways)
    if isinstance(block, Grid):
        own = movers(m) if block.caption == m.say("Customers who moved it most") else None
        return Shown(_table(block, ways, own), block.foot)
    if isinstance(block, Facts):
        return Stats(stats(m, block.facts, back_test=back_test))
    return block


def _chart(m: Material, picture: Picture, ways: Ways) -> Chart:
    """Let a click on a mark lead where the row of the same name leads."""
    figure, text, found = picture.figure, picture.says, ways.names
    if found:
        meta = figure["layout"]["meta"] | {"links": {safe(k): url for k, url in found.items()}}
        figure = figure | {"layout": figure["layout"] | {"meta": meta}}
        hint = _("Select a mark, or a name among the numbers, to see its customers.")
        text = m.say.sentences(text, hint)
    numbers = _table(picture.numbers, ways)
    return Chart(f"chart-{picture.name}", picture.title, text, figure, numbers)


def _table(grid: Grid, ways: Ways, own: Sequence[str] | None = None) -> Table:
    columns = [Column(column.head, column.number) for column in grid.columns]
    urls = own or [ways.names.get(str(row.cells[0]), "") for row in grid.rows]
    rows: list[list[Text | Cell]] = [
        [Cell(row.cells[0], url), *_numbers(grid, row, ways, url)]
        for row, url in zip(grid.rows, urls, strict=True)
    ]
    return Table(grid.caption, columns, rows)


def _numbers(grid: Grid, row: Row, ways: Ways, whole: str) -> list[Text | Cell]:
    """Give the cells beside the name of a row, each number with the way to its rows."""
    return [
        Cell(text, linked(ways.part, ways.cells, str(row.cells[0]), column.head, text, whole))
        if column.number
        else text
        for column, text in zip(grid.columns[1:], row.cells[1:], strict=True)
    ]
