"""Find personas in how customers behaved half a year ago; accept those that told what came after.

Three questions are asked of them: do resampled customers fall into the same kinds; did the kinds
differ in what they bought since; and would what customers did since put them into the same kinds,
of both of which the model has seen nothing. Where the answer to the first is no, or to both of the
others, they are a description, and nobody is given one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kizuna.clv.data import FloatArray
from kizuna.experience.personas import NEEDED, Personas, Traits, choose
from kizuna.pipeline.persona_tables import OCCASIONS, TRAITS, WEEKS
from kizuna.pipeline.tables import arrow_schema

if TYPE_CHECKING:
    from kizuna.pipeline.parameters import Run

ROWS = 4_000
"""Customers that kinds are found from, drawn; all are then given theirs."""
KNOWN, LIKELY, DIFFERENT = 0.5, 0.01, 0.01
KEPT, LEAST_SEEN = 0.2, 50
"""How far beyond chance customers stay of their kind (Cohen's kappa), and of how many."""
SAME, SAME_SHARE = 0.75, 0.98
"""Share of customers with one and the same value from which on a trait says nothing."""
LOGARITHMIC = frozenset({"mean_purchase", "days_between"})
NAMES = tuple(trait.name for trait in TRAITS)
type Kinds = np.ndarray[Any, np.dtype[np.int64]]


def persona_model(persona_traits: pa.Table, *, run: Run) -> pa.Table:
    """Give the single row."""
    then, since = (of_moment(persona_traits, moment) for moment in ("then", "since"))
    return pa.Table.from_pylist([_row(then, since, run)], schema=arrow_schema("persona_model"))


def of_moment(persona_traits: pa.Table, moment: str) -> pa.Table:
    """Give the traits of a moment."""
    return persona_traits.filter(pc.equal(persona_traits["moment"], moment))


def _row(then: pa.Table, since: pa.Table, run: Run) -> dict[str, Any]:
    many = then.num_rows
    told = {"customers": many, "needed": max(NEEDED - many, 0), "kinds": 0, "status": "too_few"}
    rng = np.random.default_rng([run.seed, 7])
    drawn = then.take(np.sort(rng.permutation(many)[:ROWS]))
    used = usable(drawn)
    if many < NEEDED or not used:
        return told
    rows = traits_of(drawn, used)
    choice = choose(rows, rng)
    found = told | {
        "kinds": choice.personas.k,
        "stability": choice.stability,
        "traits": "|".join(used),
        "parameters": choice.personas.to_json(),
    }
    if choice.personas.k == 1:
        return found | {"status": "one_kind"}
    kinds = choice.personas.kinds(rows)
    p_value, effect = differs(kinds, _column(drawn, "later_value"))
    known, did = _since(drawn, since, used)
    kept, chance = keep(kinds[known], choice.personas.kinds(did))
    stays = len(known) >= LEAST_SEEN and kept - chance >= KEPT * (1 - chance)
    holds = choice.is_stable and (stays or (p_value < LIKELY and effect >= DIFFERENT))
    found |= {"status": "accepted" if holds else "description", "p_value": p_value}
    return found | {"difference": effect, "kept": kept, "kept_by_chance": chance}


def differs(kinds: Kinds, later: FloatArray) -> tuple[float, float]:
    """Test whether kinds differ in what came later; give p and epsilon²."""
    groups = [later[kinds == kind] for kind in np.unique(kinds)]
    if len(groups) < 2 or np.ptp(later) == 0:
        return 1.0, 0.0
    from scipy.stats import kruskal  # takes a second to import, in every process that runs steps

    found = kruskal(*groups)
    return float(found.pvalue), min(float(found.statistic) / max(len(later) - 1, 1), 1.0)


def keep(kinds: Kinds, since: Kinds) -> tuple[float, float]:
    """Give the share of customers who stay of their kind by what they did since, and by chance."""
    if not len(kinds):
        return 0.0, 0.0
    most = int(max(kinds.max(), since.max())) + 1
    own, later = (np.bincount(which, minlength=most) / len(which) for which in (kinds, since))
    return float(np.mean(kinds == since)), float(own @ later)


def _since(drawn: pa.Table, since: pa.Table, used: list[str]) -> tuple[Kinds, Traits]:
    """Give which of those drawn bought since, and how these behaved."""
    place = {who: at for at, who in enumerate(drawn["customer_id"].to_pylist())}
    known = since.filter(pc.is_in(since["customer_id"], drawn["customer_id"]))
    rows = [place[who] for who in known["customer_id"].to_pylist()]
    return np.array(rows, np.int64), traits_of(known, used)


def usable(traits: pa.Table) -> list[str]:
    """Name the traits that are known of half the customers and not the same of most."""
    return [
        trait.name
        for trait in TRAITS
        if _is_usable(_column(traits, trait.name), SAME_SHARE if trait.unit == "share" else SAME)
    ]


def _is_usable(values: FloatArray, same: float) -> bool:
    known = values[~np.isnan(values)]
    return len(known) > 0 and len(known) >= KNOWN * len(values) and _most_common(known) < same


def _most_common(values: FloatArray) -> float:
    """Give the share of the most common value."""
    return float(np.unique(values, return_counts=True)[1].max() / len(values))


def traits_of(traits: pa.Table, names: list[str]) -> Traits:
    """Give traits as the model takes them: logarithms of money and days; NaN is not known."""
    units = {trait.name: trait.unit for trait in TRAITS}
    columns = (_column(traits, name) for name in names)
    scaled = [
        np.log1p(c) if name in LOGARITHMIC else c for name, c in zip(names, columns, strict=True)
    ]
    counts = [_occasions(traits, name) for name in names]
    is_share = np.array([units[name] == "share" for name in names])
    return Traits(np.column_stack(scaled), np.column_stack(counts), is_share)


def _occasions(traits: pa.Table, name: str) -> FloatArray:
    """Give of how many occasions a trait is."""
    counted = OCCASIONS.get(name, "purchases")
    if counted == "weeks":
        return np.full(traits.num_rows, float(WEEKS))
    many = _column(traits, counted)
    return np.maximum(many - 1, 0.0) if name == "days_between" else many


def model_of(persona_model: pa.Table) -> tuple[Personas, list[str]] | None:
    """Rebuild the model and the traits it takes; None where there is none."""
    row = persona_model.to_pylist()[0]
    if not row["parameters"]:
        return None
    return Personas.from_json(row["parameters"]), row["traits"].split("|")


def _column(table: pa.Table, name: str) -> FloatArray:
    return np.asarray(table[name].to_numpy(zero_copy_only=False), dtype=np.float64)
