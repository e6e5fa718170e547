"""What each kind of customers is like beside everybody, as of half a year ago and since."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from kizuna.clv.data import FloatArray
from kizuna.pipeline.know.persona_kinds import keys_of
from kizuna.pipeline.know.persona_model import model_of, of_moment, traits_of
from kizuna.pipeline.tables import arrow_schema

if TYPE_CHECKING:
    from kizuna.pipeline.parameters import Run


def persona_profiles(
    persona_kinds: pa.Table, persona_model: pa.Table, persona_traits: pa.Table, *, run: Run
) -> pa.Table:
    """Give a row for each kind and trait; also where they are but a description."""
    schema, found = arrow_schema("persona_profiles"), model_of(persona_model)
    then = of_moment(persona_traits, "then")
    if found is None or not then.num_rows:
        return schema.empty_table()
    model, names = found
    kinds, keys = model.kinds(traits_of(then, names)), keys_of(persona_kinds, "purchases")
    rows = []
    for name in (*names, "later_value"):
        values = np.asarray(then[name].to_numpy(zero_copy_only=False), dtype=np.float64)
        for kind in np.unique(kinds):
            mine = values[kinds == kind]
            told = {"persona": keys[kind], "trait": name, "customers": len(mine)}
            rows.append(told | {"mean": _mean(mine), "mean_of_all": _mean(values)})
    return pa.Table.from_pylist(rows, schema=schema)


def _mean(values: FloatArray) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None
