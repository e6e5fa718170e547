"""The value board: what is published, told as the report tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kizuna.report.blocks import Facts, Grid, Note, Section
from kizuna.report.material import Material
from kizuna.report.sections import back_test, factors, findings, notes
from kizuna.report.sections.definitions import TERMS
from kizuna.report.sections.headline import Headline, headline, interval_text
from kizuna.web.know.board.cells import facts as urls
from kizuna.web.know.board.drill import customers
from kizuna.web.know.board.explained import Stat, stats
from kizuna.web.know.board.netting import net_part
from kizuna.web.know.board.parts import Part, parts
from kizuna.web.know.publications.models import Publication, Status
from kizuna.web.know.publications.queries import Published, published, under_way
from kizuna.web.ui.components import Explain, Tab, Text
from kizuna.web.ui.templatetags.ui import writer

DRAWN = (
    "ltv_by_cohort",
    "retention",
    "repurchase",
    "concentration",
    "segments",
    "ltv_factors",
    "calibration",
    "frequency_calibration",
    "tracking",
    "channel_values",
    "channel_net_values",
    "channel_net_bounds",
    "channel_service_costs",
    "value_changes",
    "value_movers",
    "past_forecasts",
)


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
    url: str
    parts: Sequence[Part]
    as_of: str
    published_at: datetime | None

    @property
    def contents(self) -> list[Tab]:
        """Name the parts of the page, each with where it begins."""
        first = Tab(_("Lifetime value in its factors"), "#factors")
        notes = [Tab(_("Read before you rely on it"), "#notes")] if self.warnings else []
        return [first, *(Tab(part.title, f"#{part.name}") for part in self.parts), *notes]


@dataclass(frozen=True, slots=True)
class Standing:
    """What to say beside the numbers: a run under way, or one that failed since."""

    under_way: Publication | None
    failed: Publication | None
    contracts_only: bool = False


def board() -> Board | None:
    """Give the board of what is published now; None before anything is published of orders."""
    state = published()
    if state is None or state.contracts_only:
        return None
    return _board(state, state.publication.published_at, get_language() or "en")


def standing() -> Standing:
    """Tell whether a newer state is on its way."""
    latest = Publication.objects.defer("trace", "summary").order_by("-asked_at", "-pk").first()
    failed = latest if latest and latest.status == Status.FAILED else None
    state = published()
    alone = state is not None and state.contracts_only
    return Standing(None if failed else under_way(), failed, alone)


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
        facts=stats(m, top.facts),
        findings=[b for b in findings.section(m).blocks if isinstance(b, Note)],
        warnings=notes.all_notes(m),
        factors=_factors(m, plain),
        factors_lead=plain.lead,
        url=customers(sort="-residual_clv"),
        parts=_parts(m, _tested(m)),
        as_of=m.day("as_of"),
        published_at=published_at,
    )


def _parts(m: Material, tested: str) -> list[Part]:
    """Give every card; what serving leaves of lifetime value stands behind the cost of winning."""
    found = parts(m, tested)
    place = next((k for k, part in enumerate(found) if part.name == "acquisition"), len(found) - 1)
    return [*found[: place + 1], net_part(m, tested), *found[place + 1 :]]


def _factors(m: Material, section: Section) -> list[Stat]:
    """Give each factor of the plain formula, and their product, with the definition."""
    grids, ways = [block for block in section.blocks if isinstance(block, Grid)], urls(m)
    return [
        Stat(
            row.cells[0],
            row.cells[1],
            "",
            Explain(row.cells[3], rows=row.cells[2]),
            ways.get(str(row.cells[0]), ""),
        )
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
