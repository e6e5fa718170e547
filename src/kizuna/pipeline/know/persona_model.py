"""Find personas in how customers behaved half a year ago; accept those that told what came after.

Two questions are asked of them: do resampled customers fall into the same kinds, and did the kinds
differ in what they bought since, of which the model has seen nothing. Where the answer to the
second is no they are a description, and nobody is given one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kizuna.clv.data import FloatArray
from kizuna.experience.personas import NEEDED, Personas, choose
from kizuna.pipeline.persona_tables import TRAITS
from kizuna.pipeline.tables import arrow_schema

if TYPE_CHECKING:
    from kizuna.pipeline.parameters import Run

ROWS = 4_000
"""Customers that kinds are found from, drawn; all are then given theirs."""
KNOWN, LIKELY, DIFFERENT = 0.5, 0.01, 0.01
SAME = 0.75
"""Share of customers with one and the same value from which on a normal says nothing of a trait."""
LOGARITHMIC = frozenset({"purchases_a_year", "mean_purchase", "contacts_a_year", "visits"})
NAMES = tuple(trait.name for trait in TRAITS)


def persona_model(persona_traits: pa.Table, *, run: Run) -> pa.Table:
    """Give the single row."""
    then = persona_traits.filter(pc.equal(persona_traits["moment"], "then"))
    return pa.Table.from_pylist([_row(then, run)], schema=arrow_schema("persona_model"))


def _row(then: pa.Table, run: Run) -> dict[str, Any]:
    many = then.num_rows
    told = {"customers": many, "needed": max(NEEDED - many, 0), "kinds": 0, "status": "too_few"}
    rng = np.random.default_rng([run.seed, 7])
    drawn = then.take(np.sort(rng.permutation(many)[:ROWS]))
    used = usable(drawn)
    if many < NEEDED or not used:
        return told
    rows = matrix(drawn, used)
    choice = choose(rows, rng)
    found = told | {
        "kinds": choice.personas.k,
        "stability": choice.stability,
        "traits": "|".join(used),
        "parameters": choice.personas.to_json(),
    }
    if choice.personas.k == 1:
        return found | {"status": "one_kind"}
    kinds = choice.personas.probabilities(rows).argmax(axis=1)
    p_value, effect = differs(kinds, _column(drawn, "later_value"))
    holds = choice.is_stable and p_value < LIKELY and effect >= DIFFERENT
    status = "accepted" if holds else "description"
    return found | {"status": status, "difference": effect, "p_value": p_value}


def differs(kinds: Any, later: FloatArray) -> tuple[float, float]:
    """Test whether kinds differ in what came later; give p and epsilon²."""
    groups = [later[kinds == kind] for kind in np.unique(kinds)]
    if len(groups) < 2 or np.ptp(later) == 0:
        return 1.0, 0.0
    from scipy.stats import kruskal  # takes a second to import, in every process that runs steps

    found = kruskal(*groups)
    return float(found.pvalue), min(float(found.statistic) / max(len(later) - 1, 1), 1.0)


def usable(traits: pa.Table) -> list[str]:
    """Name the traits that are known of half the customers and not the same of most."""
    columns = {name: _column(traits, name) for name in NAMES}
    return [
        name
        for name, values in columns.items()
        if len(values)
        and np.mean(~np.isnan(values)) >= KNOWN
        and _most_common(values[~np.isnan(values)]) < SAME
    ]


def _most_common(values: FloatArray) -> float:
    """Give the share of the most common value."""
    return float(np.unique(values, return_counts=True)[1].max() / len(values))


def matrix(traits: pa.Table, names: list[str]) -> FloatArray:
    """Give traits as the model takes them: logarithms of counts and money; NaN is not known."""
    columns = (_column(traits, name) for name in names)
    scaled = [
        np.log1p(c) if name in LOGARITHMIC else c for name, c in zip(names, columns, strict=True)
    ]
    return np.column_stack(scaled)


def model_of(persona_model: pa.Table) -> tuple[Personas, list[str]] | None:
    """Rebuild the model and the traits it takes; None where there is none."""
    row = persona_model.to_pylist()[0]
    if not row["parameters"]:
        return None
    return Personas.from_json(row["parameters"]), row["traits"].split("|")


def _column(table: pa.Table, name: str) -> FloatArray:
    return np.asarray(table[name].to_numpy(zero_copy_only=False), dtype=np.float64)
