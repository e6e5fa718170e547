"""The value board: what is published, told as the report tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kizuna.report.blocks import Block, Facts, Grid, Note, Pair, Picture, Section
from kizuna.report.material import Material
from kizuna.report.sections import (
    back_test,
    concentration,
    factors,
    findings,
    ltv,
    notes,
    retention,
    segments,
)
from kizuna.report.sections.definitions import TERMS
from kizuna.report.sections.headline import Headline, headline, interval_text
from kizuna.web.know.publications.models import Publication, Status
from kizuna.web.know.publications.queries import Published, published, under_way
from kizuna.web.ui.components import Cell, Column, Explain, Table, Text
from kizuna.web.ui.templatetags.ui import writer

DRAWN = (
    "ltv_by_cohort",
    "retention",
    "concentration",
    "segments",
    "ltv_factors",
    "calibration",
    "frequency_calibration",
    "tracking",
)


@dataclass(frozen=True, slots=True)
class Stat:
    """A number with its name, what makes it readable, and how it is computed."""

    label: Text
    value: Text
    note: Text = ""
    explain: Explain | None = None


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
class Part:
    """A card of the board."""

    name: str
    title: Text
    lead: Text
    blocks: Sequence[object]


@dataclass(frozen=True, slots=True)
class Board:
    """All that the first screen shows."""

    headline: Headline
    interval: str
    explain: Explain
    facts: Sequence[Stat]
    findings: Sequence[Note]
    warnings: Sequence[Note]
    factors: Sequence[Stat]
    factors_lead: Text
    parts: Sequence[Part]
    as_of: str
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What to say beside the numbers: a run under way, or one that failed since."""

    under_way: Publication | None
    failed: Publication | None


def board() -> Board | None:
    """Give the board of what is published now; None before the first publication."""
    state = published()
    if state is None:
        return None
    return _board(state, state.publication.published_at, get_language() or "en")


def standing() -> Standing:
    """Tell whether a newer state is on its way."""
    latest = Publication.objects.defer("trace", "summary").order_by("-asked_at", "-pk").first()
    failed = latest if latest and latest.status == Status.FAILED else None
    return Standing(None if failed else under_way(), failed)


@lru_cache(maxsize=16)
def _board(state: Published, published_at: datetime | None, language: str) -> Board:
    """Tell it once for each publication and language."""
    tables = {name: state.table(name) for name in DRAWN if state.has(name)}
    m = Material(state.summary, tables, writer(state.currency))
    top, plain = headline(m), factors.section(m)
    return Board(
        headline=top,
        interval=interval_text(m, m.get("customer_equity")),
        explain=_equity(m, top),
        facts=[Stat(fact.name, fact.value, fact.remark) for fact in top.facts],
        findings=[b for b in findings.section(m).blocks if isinstance(b, Note)],
        warnings=notes.all_notes(m),
        factors=_factors(plain),
        factors_lead=plain.lead,
        parts=_parts(m),
        as_of=m.day("as_of"),
        published_at=published_at,
    )


def _parts(m: Material) -> list[Part]:
    told = [segments.section(m), ltv.section(m), retention.section(m)]
    told += [concentration.section(m), back_test.section(m)]
    parts = [_part(section) for section in told]
    return [_drilled(m, parts[0], told[0]), *parts[1:]]


def _part(section: Section) -> Part:
    flat: list[Block] = []
    for block in section.blocks:
        flat += block.pictures if isinstance(block, Pair) else [block]
    return Part(section.name, section.title, section.lead, [_shown(block) for block in flat])


def _shown(block: Block) -> object:
    """Give a block of the report in the form of our components."""
    if isinstance(block, Picture):
        numbers = _table(block.numbers)
        return Chart(f"chart-{block.name}", block.title, block.says, block.figure, numbers)
    return Shown("grid", _table(block)) if isinstance(block, Grid) else block


@dataclass(frozen=True, slots=True)
class Shown:
    """A table among the blocks."""

    kind: str
    table: Table


def _table(grid: Grid) -> Table:
    columns = [Column(column.head, column.number) for column in grid.columns]
    return Table(grid.caption, columns, [list(row.cells) for row in grid.rows])


def _drilled(m: Material, part: Part, section: Section) -> Part:
    """Let each segment of the table lead to its customers."""
    rows = sorted(m.rows("segments"), key=lambda row: -(row["residual_clv"] or 0.0))
    keys = [row["rfm_segment"] for row in rows]
    blocks = [
        Shown("grid", _linked(_table(old), keys)) if isinstance(old, Grid) else new
        for old, new in zip(section.blocks, part.blocks, strict=True)
    ]
    return Part(part.name, part.title, part.lead, blocks)


def _linked(table: Table, keys: Sequence[str]) -> Table:
    rows: list[list[Text | Cell]] = []
    for key, row in zip(keys, table.rows, strict=True):
        name = row[0].text if isinstance(row[0], Cell) else row[0]
        url = reverse("customers:list", query={"segment": key})
        rows.append([Cell(name, url), *row[1:]])
    return Table(table.caption, table.columns, rows)


def _factors(section: Section) -> list[Stat]:
    """Give each factor of the plain formula, and their product, with the definition."""
    grids = [block for block in section.blocks if isinstance(block, Grid)]
    return [
        Stat(row.cells[0], row.cells[1], "", Explain(row.cells[3], rows=row.cells[2]))
        for grid in grids
        for row in grid.rows
    ]


def _equity(m: Material, top: Headline) -> Explain:
    """Say how customer equity is computed, from which rows, and how it did on unseen history."""
    _name, what, formula, rows, sure = TERMS[0]
    seen = _("%(orders)s orders of %(customers)s customers.") % {
        "orders": m.say.number(m.get("orders")),
        "customers": m.say.number(m.get("customers")),
    }
    return Explain(
        definition=m.say.sentences(m.say(what), top.margin),
        formula=m.say(formula),
        rows=m.say.sentences(m.say(rows), seen),
        interval=m.say.sentences(m.say(sure), top.width),
        back_test=_tested(m),
        as_of=m.day("as_of"),
    )


def _tested(m: Material) -> str:
    blocks = back_test.section(m).blocks
    facts = blocks[0].facts if blocks and isinstance(blocks[0], Facts) else ()
    if not facts:
        return _("Not tested: no part of the history was kept back.")
    return "; ".join(f"{fact.name}: {fact.value}, {fact.remark}" for fact in facts[:2])
