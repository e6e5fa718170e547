"""What each kind of customers is like beside everybody, as of half a year ago and since."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from kizuna.clv.data import FloatArray
from kizuna.pipeline.know.persona_kinds import keys_of
from kizuna.pipeline.know.persona_model import model_of, of_moment, traits_of
from kizuna.pipeline.persona_tables import LATER_OF
from kizuna.pipeline.tables import arrow_schema

if TYPE_CHECKING:
    from kizuna.pipeline.parameters import Run

type Row = dict[str, Any]


def persona_profiles(
    account_traits: pa.Table,
    persona_kinds: pa.Table,
    persona_model: pa.Table,
    persona_traits: pa.Table,
    *,
    run: Run,
) -> pa.Table:
    """Give a row for each kind and trait; also where they are but a description."""
    given = {"purchases": persona_traits, "use": account_traits}
    rows = [
        {**row, "basis": basis}
        for basis, traits in given.items()
        for row in _rows(basis, traits, persona_kinds, persona_model)
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema("persona_profiles"))


def _rows(basis: str, traits: pa.Table, kinds: pa.Table, models: pa.Table) -> Iterator[Row]:
    then, found = of_moment(traits, "then"), model_of(models, basis)
    if found is None or not then.num_rows:
        return
    model, names = found
    own, keys = model.kinds(traits_of(then, names)), keys_of(kinds, basis)
    for name in (*names, LATER_OF[basis]):
        values = np.asarray(then[name].to_numpy(zero_copy_only=False), dtype=np.float64)
        for kind in np.unique(own):
            mine = values[own == kind]
            told = {"persona": keys[kind], "trait": name, "customers": len(mine)}
            yield told | {"mean": _mean(mine), "mean_of_all": _mean(values)}


def _mean(values: FloatArray) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None
