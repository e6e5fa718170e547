"""The map in words: what stands in a cell, how it is marked, and how each number is computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kizuna.pipeline.know.journey_touchpoints import ANYTHING
from kizuna.web.know.journey import judging
from kizuna.web.know.journey.forms import MEASURES, Asked, sources
from kizuna.web.know.journey.judging import NO_DATA, Mark
from kizuna.web.know.journey.models import Touchpoint
from kizuna.web.know.journey.names import Row
from kizuna.web.know.journey.queries import ALL, Been, Journey
from kizuna.web.know.segments.stage_tables import stage_names
from kizuna.web.ui.components import Cell, Column, Explain, Tab, Table
from kizuna.web.ui.templatetags.ui import day, minor_money, writer

STAGES = ("prospect", "new", "steady", "growing", "renewing", "lapsing", "left")
"""As they follow one another, from left to right."""
ENDING, NO_STAGE = ("lapsing", "left"), "none"


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell of the map: its number, its mark, and where it leads."""

    head: str
    text: str
    url: str
    mark: Mark | None
    planned: bool


def tabs(current: str) -> list[Tab]:
    """Lead from the map to personas and back."""
    pages = (("map", _("Journey map")), ("personas", _("Personas")))
    return [Tab(word, reverse(f"journey:{name}"), name == current) for name, word in pages]


def measures() -> dict[str, str]:
    """Name what the map can show."""
    return {
        "customers": _("Customers"),
        "effort": _("Effort"),
        "satisfaction": _("Satisfaction"),
        "drop_off": _("Drop-off"),
        "value": _("Value"),
    }


def stage_words() -> dict[str, str]:
    """Name the stages, all of them together, and none."""
    return {**stage_names(), ALL: _("All"), NO_STAGE: _("In no stage")}


def persona_name(found: Journey, persona: str) -> str:
    """Name a persona with what sets it apart, or all, or none."""
    known = {ALL: _("All personas"), "none": _("Without persona")}
    return known.get(persona) or found.named.get(persona, persona)


def name_of(touchpoint: Row) -> str:
    """Name a touchpoint in the reader's language."""
    ja = (get_language() or "").startswith("ja")
    return str(touchpoint["label_ja" if ja else "label_en"])


def journey(found: Journey, asked: Asked) -> dict[str, Any]:
    """Give what the map shows."""
    persona = asked.persona if asked.persona in found.personas else ALL
    known = stage_words()
    columns = [*in_order(found.stages - {ALL}, list(known)), ALL]
    return {
        "tabs": tabs("map"),
        "measures": [
            Tab(word, _map_url(name, persona), name == asked.show)
            for name, word in measures().items()
        ],
        "personas": [
            Tab(persona_name(found, one), _map_url(asked.show, one), one == persona)
            for one in ([ALL, *found.personas] if found.personas else [])
        ],
        "caption": _("%(measure)s by touchpoint and stage of today")
        % {"measure": measures()[asked.show]},
        "heads": [_head(found, stage, persona, known) for stage in columns],
        "rows": [
            (
                name_of(one),
                _names_of(one),
                [_spot(found, one, s, persona, asked, known.get(s, s)) for s in columns],
            )
            for one in found.touchpoints
        ],
        "explain": explained(found)[asked.show],
        "legend": judging.legend(asked.show),
        "preset": found.preset,
    }


def in_order(there: AbstractSet[str], known: Sequence[str]) -> list[str]:
    """Put stages in the order of a relationship: own ones as they were set, before its end."""
    own = [stage for stage in known if stage in there and stage not in (*STAGES, NO_STAGE)]
    order = [*(s for s in STAGES if s not in ENDING), *own, *ENDING]
    rest = sorted(there - {*order, NO_STAGE})
    return [stage for stage in (*order, *rest, NO_STAGE) if stage in there]


def _head(found: Journey, stage: str, persona: str, known: Mapping[str, str]) -> tuple[str, str]:
    first = found.touchpoints[0]["touchpoint"]
    row = found.cells.get((first, stage, persona))
    return known.get(stage, stage), writer().number(row["members"] if row else 0)


def _names_of(touchpoint: Row) -> str:
    return sources()[touchpoint["source"]]


def _counted(names: str) -> str:
    """Write what is counted."""
    return _("anything") if names == ANYTHING else names.replace("|", _(", "))


def _spot(
    found: Journey, touchpoint: Row, stage: str, persona: str, asked: Asked, head: str
) -> Spot:
    row = found.cells.get((touchpoint["touchpoint"], stage, persona))
    if row is None:
        return Spot(head, NO_DATA, "", None, planned=False)
    text = judging.text(row, asked.show, found.state.currency)
    url = cell_url(row) if row["customers"] else ""
    mark = judging.mark(row, asked.show)
    return Spot(head, text, url, mark, planned=row["planned"] and stage != ALL)


def cell(found: Journey, row: Row, page: Been) -> dict[str, Any]:
    """Give what the page of a cell shows."""
    touchpoint, known = found.touchpoint(row["touchpoint"]) or {}, stage_words()
    currency, words, how = found.state.currency, measures(), explained(found)
    stats = []
    for name in MEASURES:
        mark = judging.mark(row, name)
        text = judging.text(row, name, currency)
        note = " · ".join(filter(None, (mark.word if mark else "", judging.note(row, name))))
        stats.append({"label": words[name], "value": text, "note": note, "explain": how[name]})
    return {
        "name": name_of(touchpoint),
        "whose": f"{known.get(row['stage'], row['stage'])} · {persona_name(found, row['persona'])}",
        "counted": f"{_names_of(touchpoint)}: {_counted(touchpoint['names'])}",
        "planned": row["planned"],
        "stats": stats,
        "table": _customers(page, currency, known),
    }


def _customers(page: Been, currency: str, known: Mapping[str, str]) -> Table:
    say = writer()
    heads = [Column(_("Customer")), Column(_("Stage")), Column(_("Touches"), number=True)]
    heads += [Column(_("Last on")), Column(_("Dropped afterwards"), number=True)]
    heads += [Column(w, number=True) for w in (_("Effort (high = hard)"), _("Satisfaction"))]
    rows: list[list[Any]] = [
        [
            Cell(row["name"] or row["customer_id"], _customer_url(row["customer_id"])),
            known.get(row["stage"], row["stage"]),
            say.number(row["touches"]),
            day(row["last_on"]),
            f"{say.number(row['dropped'])} / {say.number(row['looked_at'])}",
            NO_DATA if row["effort"] is None else say.number(row["effort"]),
            NO_DATA if row["satisfaction"] is None else say.number(row["satisfaction"]),
            minor_money(row["value"], currency),
        ]
        for row in page.items
    ]
    return Table(
        _("Who was there, the most valuable first"),
        [*heads, Column(_("Value to come"), True)],
        rows,
    )


def design(own: Sequence[Touchpoint]) -> Table:
    """Set out the company's own design."""
    names, known = sources(), stage_names()
    heads = [Column(_("Place on the way"), number=True), Column(_("Touchpoint"))]
    heads += [
        Column(_("Counted from")),
        Column(_("What is counted")),
        Column(_("Meant for stages")),
    ]
    rows: list[list[Any]] = [
        [
            writer().number(one.place),
            Cell(name_of(one.values), reverse("journey:touchpoint", args=[one.pk])),
            names[one.source],
            _counted(one.names),
            _(", ").join(known.get(s, s) for s in one.stages.split("|") if s) or NO_DATA,
        ]
        for one in own
    ]
    return Table(_("Touchpoints in their order"), heads, rows)


def explained(found: Journey) -> dict[str, Explain]:
    """Say of each measure how it is computed."""
    as_of = day(found.state.publication.as_of)
    year = _("Touches of the last 365 days, of customers by their stage and persona of today.")
    return {
        "customers": Explain(
            _("Customers who were at the touchpoint at least once."), rows=year, as_of=as_of
        ),
        "effort": Explain(
            _(
                "Mean effort, 0 to 100, high = hard, of issues whose contact the touch was or that "
                "began up to 7 days after it."
            ),
            rows=year,
            as_of=as_of,
        ),
        "satisfaction": Explain(
            _(
                "Mean satisfaction, 0 to 100, high = good, of answers up to 14 days after a touch; "
                "marked from 5 answers on."
            ),
            rows=year,
            as_of=as_of,
        ),
        "drop_off": Explain(
            _(
                "Share of days with a touch that no touch at any touchpoint follows within 30 "
                "days. Marked where it is surely more or less than that of all stages together, "
                "by 5 points at least."
            ),
            _("days that nothing followed ÷ days with a touch, 30 days ago or longer"),
            year,
            _("90 %, by Wilson; told from 10 days on."),
            as_of=as_of,
        ),
        "value": Explain(
            _(
                "Value to come of the customers who were there. A customer may be at several "
                "touchpoints: values of a column do not add up. Where only contracts are known: "
                "their recurring revenue a month."
            ),
            "Σ residual_clv",
            year,
            as_of=as_of,
        ),
    }


def cell_url(row: Row) -> str:
    """Give the address of a cell."""
    names = ("touchpoint", "stage", "persona")
    return reverse("journey:cell", query={name: row[name] for name in names})


def _map_url(show: str, persona: str) -> str:
    return reverse("journey:map", query={"show": show, "persona": persona})


def _customer_url(customer_id: str) -> str:
    return reverse("customers:one", query={"id": customer_id})
