"""The persona of each customer by how she behaves now; nobody has one unless they are accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from kizuna.pipeline.know.churn_data import texts
from kizuna.pipeline.know.persona_kinds import keys_of
from kizuna.pipeline.know.persona_model import model_of, of_moment, traits_of
from kizuna.pipeline.tables import arrow_schema

if TYPE_CHECKING:
    from kizuna.pipeline.parameters import Run


def personas(
    persona_kinds: pa.Table, persona_model: pa.Table, persona_traits: pa.Table, *, run: Run
) -> pa.Table:
    """Give a row a customer."""
    schema, found = arrow_schema("personas"), model_of(persona_model)
    now = of_moment(persona_traits, "now")
    if found is None or persona_model["status"][0].as_py() != "accepted" or not now.num_rows:
        return schema.empty_table()
    model, names = found
    chances = model.probabilities(traits_of(now, names))
    kinds = chances.argmax(axis=1)
    keys = texts(keys_of(persona_kinds, "purchases"), kinds)
    columns = [now["customer_id"], keys, chances.max(axis=1)]
    return pa.table(dict(zip(schema.names, columns, strict=True))).cast(schema)
