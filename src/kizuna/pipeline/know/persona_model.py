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
from kizuna.experience.personas import Personas, Traits, choose
from kizuna.pipeline.persona_tables import LATER_OF, LEAST_OF, OCCASIONS, TRAITS_OF
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
UNITS = {trait.name: trait.unit for traits in TRAITS_OF.values() for trait in traits}
type Kinds = np.ndarray[Any, np.dtype[np.int64]]


def persona_model(account_traits: pa.Table, persona_traits: pa.Table, *, run: Run) -> pa.Table:
    """Give a row for those who buy, and one for the accounts that use."""
    given = {"purchases": persona_traits, "use": account_traits}
    rows = [{"basis": basis, **_row(basis, traits, run)} for basis, traits in given.items()]
    return pa.Table.from_pylist(rows, schema=arrow_schema("persona_model"))


def of_moment(persona_traits: pa.Table, moment: str) -> pa.Table:
    """Give the traits of a moment."""
    return persona_traits.filter(pc.equal(persona_traits["moment"], moment))


def _row(basis: str, traits: pa.Table, run: Run) -> dict[str, Any]:
    then, since = (of_moment(traits, moment) for moment in ("then", "since"))
    many, least = then.num_rows, LEAST_OF[basis]
    told = {"customers": many, "needed": max(least - many, 0), "kinds": 0, "status": "too_few"}
    rng = np.random.default_rng([run.seed, 7])
    drawn = then.take(np.sort(rng.permutation(many)[:ROWS]))
    used = usable(drawn, basis)
    if many < least or not used:
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
    p_value, effect = differs(kinds, _column(drawn, LATER_OF[basis]))
    known, did = _since(drawn, since, used)
    kept, chance = keep(kinds[known], choice.personas.kinds(did))
    stays = len(known) >= LEAST_SEEN and kept - chance >= KEPT * (1 - chance)
    holds = choice.is_stable and (stays or (p_value < LIKELY and effect >= DIFFERENT))
    found |= {"status": "accepted" if holds else "description", "p_value": p_value}
    return found | {"difference": effect, "kept": kept, "kept_by_chance": chance}


def differs(kinds: Kinds, later: FloatArray) -> tuple[float, float]:
    """Test whether kinds differ in what came later; give p and epsilon²."""
    kinds, later = kinds[~np.isnan(later)], later[~np.isnan(later)]
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


def usable(traits: pa.Table, basis: str) -> list[str]:
    """Name the traits that are known of half the customers and not the same of most."""
    return [
        trait.name
        for trait in TRAITS_OF[basis]
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
    is_share = np.array([UNITS[name] == "share" for name in names])
    columns = (_column(traits, name) for name in names)
    scaled = [c if of else np.log1p(c) for of, c in zip(is_share, columns, strict=True)]
    counts = [_occasions(traits, name) for name in names]
    return Traits(np.column_stack(scaled), np.column_stack(counts), is_share)


def _occasions(traits: pa.Table, name: str) -> FloatArray:
    """Give of how many occasions a trait is."""
    counted = OCCASIONS[name]
    if counted.isdigit():
        return np.full(traits.num_rows, float(counted))
    if counted == "gaps":
        return np.maximum(_column(traits, "purchases") - 1, 0.0)
    return _column(traits, counted)


def model_of(persona_model: pa.Table, basis: str) -> tuple[Personas, list[str]] | None:
    """Rebuild the model of a basis and the traits it takes; None where there is none."""
    [row] = (row for row in persona_model.to_pylist() if row["basis"] == basis)
    if not row["parameters"]:
        return None
    return Personas.from_json(row["parameters"]), row["traits"].split("|")


def _column(table: pa.Table, name: str) -> FloatArray:
    return np.asarray(table[name].to_numpy(zero_copy_only=False), dtype=np.float64)
