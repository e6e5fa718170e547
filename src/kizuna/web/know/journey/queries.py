"""Reads: the map as it is published, one of its cells with its customers, personas, the design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from kizuna.pipeline.engine import Engine
from kizuna.web.know.journey.models import Persona, Touchpoint
from kizuna.web.know.journey.names import Row, persona_names, profiles_of
from kizuna.web.know.publications.queries import Published, published
from kizuna.web.ui.leafing import Leafing

type Place = tuple[str, str, str]
"""Touchpoint, stage, persona."""

A_PAGE = 50
ALL = "all"
CELL = "journey_cells", "journey_customers", "journey_members", "customer_facts"

BEEN = """
SELECT been.*, facts.name, members.value, members.mrr, members.stage, members.persona
FROM journey_customers AS been
INNER JOIN journey_members AS members ON been.customer_id = members.customer_id
LEFT JOIN customer_facts AS facts ON been.customer_id = facts.customer_id
WHERE been.touchpoint = $1 AND ($2 = 'all' OR members.stage = $2)
    AND ($3 = 'all' OR members.persona = $3)
ORDER BY members.value DESC NULLS LAST, members.mrr DESC NULLS LAST, been.customer_id
LIMIT $4 OFFSET $5"""

WORTH = """
SELECT persona, count(*) AS customers, sum(value) AS value, avg(value) AS mean_value,
    sum(mrr) AS mrr, avg(mrr) AS mean_mrr
FROM journey_members GROUP BY persona"""


@dataclass(frozen=True, slots=True)
class Journey:
    """Touchpoints in their order, and the cells of the map."""

    state: Published
    touchpoints: Sequence[Row]
    cells: Mapping[Place, Row]
    named: Mapping[str, str]

    @property
    def stages(self) -> set[str]:
        """Stages in which there is somebody."""
        return {stage for _touchpoint, stage, _persona in self.cells}

    @property
    def personas(self) -> list[str]:
        """Personas of which there is somebody, the largest first."""
        known, order = {persona for _touchpoint, _stage, persona in self.cells}, list(self.named)
        place = {name: at for at, name in enumerate(order)} | {"none": len(order) + 1}
        return sorted(known - {ALL}, key=lambda name: (place.get(name, len(order)), name))

    @property
    def preset(self) -> str:
        """Which preset stands in; empty: the company's own design."""
        return str(self.touchpoints[0]["preset"]) if self.touchpoints else ""

    def touchpoint(self, key: str) -> Row | None:
        """Give a touchpoint as it was designed."""
        return next((row for row in self.touchpoints if row["touchpoint"] == key), None)


@dataclass(frozen=True, slots=True)
class Been(Leafing):
    """A page of the customers of a cell, the most valuable first."""

    items: Sequence[Row]
    number: int
    has_next: bool


@dataclass(frozen=True, slots=True)
class Personas:
    """The kinds of customers found, what each is like and worth, and whether they hold."""

    state: Published
    models: Mapping[str, Row]
    profiles: Mapping[str, Mapping[str, Row]]
    worth: Mapping[str, Row]
    known: Mapping[str, Persona]

    def of(self, basis: str) -> dict[str, Mapping[str, Row]]:
        """Give what the kinds of a basis are like, the largest first."""
        told = {key: next(iter(one.values()))["basis"] for key, one in self.profiles.items()}
        return {key: one for key, one in self.profiles.items() if told[key] == basis}

    def retired(self, basis: str) -> list[Persona]:
        """Give those with a name of which there is no kind any more."""
        named = [one for one in self.known.values() if one.name and one.retired_on]
        return [one for one in named if one.basis == basis]


def journey() -> Journey | None:
    """Give the map; None where none is published."""
    state = published()
    if state is None or not state.has("journey_cells"):
        return None
    touchpoints = state.table("journey_touchpoints").sort_by("place").to_pylist()
    rows = state.table("journey_cells").to_pylist()
    cells = {(row["touchpoint"], row["stage"], row["persona"]): row for row in rows}
    return Journey(state, touchpoints, cells, persona_names()) if cells else None


def been(state: Published, place: Place, number: int) -> Been:
    """Give a page of the customers who were at a touchpoint, of a stage and a persona."""
    asked = [*place, A_PAGE + 1, (number - 1) * A_PAGE]
    found = _rows(state, CELL[1:], BEEN, asked)
    return Been(found[:A_PAGE], number, len(found) > A_PAGE)


def personas() -> Personas | None:
    """Give the kinds of customers; None where nobody looked for any."""
    state = published()
    if state is None or not state.has("persona_profiles") or not state.has("journey_members"):
        return None
    models = {row["basis"]: row for row in state.table("persona_model").to_pylist()}
    worth = {row["persona"]: row for row in _rows(state, ("journey_members",), WORTH, [])}
    known = {one.persona: one for one in Persona.objects.select_related("named_by")}
    return Personas(state, models, profiles_of(state), worth, known) if models else None


def persona(key: str) -> Persona | None:
    """Give a persona that was found and accepted."""
    return Persona.objects.select_related("named_by").filter(persona=key).first()


def touchpoints() -> QuerySet[Touchpoint]:
    """List the company's own touchpoints in their order."""
    return Touchpoint.objects.order_by("place", "pk")


def touchpoint(pk: int) -> Touchpoint | None:
    """Give a touchpoint."""
    return touchpoints().filter(pk=pk).first()


def _rows(state: Published, names: Sequence[str], sql: str, asked: Sequence[object]) -> list[Row]:
    """Read rows of published tables by their files; where one is empty there are none."""
    files = {name: state.files(name) for name in names}
    if not all(files.values()):
        return []
    with Engine(threads=2) as engine:
        for name, paths in files.items():
            engine.register_parquet(name, paths)
        found: list[Row] = engine.query(sql, list(asked)).to_pylist()
        return found
