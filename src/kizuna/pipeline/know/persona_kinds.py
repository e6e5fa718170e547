"""Which kind of the model is which persona: a persona keeps its key while its customers stay its.

Each refresh finds kinds anew, numbered by size. A persona known from before is told by the model
of its day: who would be of it now by that model is held against who is of each new kind. Personas
that people have named go first; those without a kind keep their key, which no other one is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from kizuna.clv.data import FloatArray
from kizuna.experience.personas import Flags, Personas, match, overlaps
from kizuna.pipeline.know.persona_model import ROWS, model_of, of_moment, traits_of
from kizuna.pipeline.tables import arrow_schema

if TYPE_CHECKING:
    from kizuna.pipeline.parameters import Run

type Row = dict[str, Any]
PREFIX = {"purchases": "", "use": "A"}
"""What keys of a basis begin with, before their number."""


def persona_kinds(
    account_traits: pa.Table,
    known_personas: pa.Table,
    persona_model: pa.Table,
    persona_traits: pa.Table,
    *,
    run: Run,
) -> pa.Table:
    """Give a row a persona."""
    known = known_personas.to_pylist()
    traits = {"purchases": persona_traits, "use": account_traits}
    rows = [row for basis in traits for row in _rows(basis, known, persona_model, traits, run)]
    return pa.Table.from_pylist(rows, schema=arrow_schema("persona_kinds"))


def _rows(
    basis: str, known: list[Row], persona_model: pa.Table, traits: dict[str, pa.Table], run: Run
) -> Iterator[Row]:
    mine = sorted((row for row in known if row["basis"] == basis), key=_order)
    now, found = _drawn(traits[basis], run), model_of(persona_model, basis)
    model, names = found if found and now.num_rows else (None, [])
    told = [row for row in mine if row["parameters"]]
    shared = np.zeros((len(told), model.k if model else 0))
    if model is not None and told:
        own = model.kinds(traits_of(now, names))[:, None] == np.arange(model.k)
        shared = overlaps(_members(told, now), own)
    pairs = _paired(told, shared)
    kept = {told[row]["persona"]: (kind, shared[row, kind]) for row, kind in pairs.items()}
    keys = _keys(basis, shared.shape[1], {kind: key for key, (kind, _) in kept.items()}, mine)
    for kind, key in enumerate(keys):
        status = {"status": "same", "overlap": kept[key][1]} if key in kept else {"status": "new"}
        yield {"persona": key, "basis": basis, "kind": kind, **status}
    places = {row["persona"]: at for at, row in enumerate(told)}
    for row in mine:
        if row["persona"] not in kept:
            gone = {"persona": row["persona"], "basis": basis, "status": "retired"}
            yield gone | _nearest(shared, places.get(row["persona"]), keys)


def _order(row: Row) -> tuple[bool, str]:
    return not row["is_named"], row["persona"]


def _drawn(persona_traits: pa.Table, run: Run) -> pa.Table:
    """Give some of the customers as they are now."""
    now, rng = of_moment(persona_traits, "now"), np.random.default_rng([run.seed, 8])
    if now.num_rows <= ROWS:
        return now
    return now.take(np.sort(rng.choice(now.num_rows, ROWS, replace=False)))


def _members(told: Sequence[Row], now: pa.Table) -> Flags:
    """Say who would be of each by the model of its day, shape (n, personas)."""
    models = {(row["parameters"], row["traits"]) for row in told}
    kinds = {
        (text, traits): Personas.from_json(text).kinds(traits_of(now, traits.split("|")))
        for text, traits in models
    }
    return np.column_stack([kinds[r["parameters"], r["traits"]] == r["kind"] for r in told])


def _paired(told: Sequence[Row], shared: FloatArray) -> dict[int, int]:
    """Pair those that are named, then the others with what is left."""
    named = sum(row["is_named"] for row in told)
    pairs = match(shared[:named]) if named and shared.size else {}
    rest = shared[named:].copy()
    rest[:, list(pairs.values())] = 0.0
    others = match(rest) if rest.size else {}
    return pairs | {named + row: kind for row, kind in others.items()}


def _keys(basis: str, many: int, kept: dict[int, str], known: Sequence[Row]) -> list[str]:
    """Give each kind its key: its own, or the next that nobody ever had."""
    prefix = PREFIX[basis]
    last = max((int(row["persona"].removeprefix(prefix)) for row in known), default=0)
    fresh = iter(range(last + 1, last + many + 1))
    return [kept[kind] if kind in kept else f"{prefix}{next(fresh)}" for kind in range(many)]


def _nearest(shared: FloatArray, place: int | None, keys: Sequence[str]) -> Row:
    if place is None or not shared.shape[1]:
        return {}
    kind = int(shared[place].argmax())
    overlap = float(shared[place, kind])
    return {"overlap": overlap, "nearest": keys[kind] if overlap > 0 else None}


def keys_of(kinds: pa.Table, basis: str) -> list[str]:
    """Give the keys of the kinds of a model, in their order."""
    rows = [r for r in kinds.to_pylist() if r["basis"] == basis and r["kind"] is not None]
    return [row["persona"] for row in sorted(rows, key=lambda row: row["kind"])]
