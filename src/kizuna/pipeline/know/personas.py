"""The persona of each customer by how she behaves now; nobody has one unless they are accepted.

Of an account that pays for use, kinds of accounts are told; of everybody else, kinds of buyers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from kizuna.pipeline.know.churn_data import texts
from kizuna.pipeline.know.persona_kinds import keys_of
from kizuna.pipeline.know.persona_model import model_of, of_moment, traits_of
from kizuna.pipeline.tables import arrow_schema

if TYPE_CHECKING:
    from kizuna.pipeline.parameters import Run


def personas(
    account_traits: pa.Table,
    persona_kinds: pa.Table,
    persona_model: pa.Table,
    persona_traits: pa.Table,
    *,
    run: Run,
) -> pa.Table:
    """Give a row a customer."""
    accounts = _given("use", account_traits, persona_kinds, persona_model)
    buyers = _given("purchases", persona_traits, persona_kinds, persona_model)
    others = pc.invert(pc.is_in(buyers["customer_id"], accounts["customer_id"]))
    return pa.concat_tables([accounts, buyers.filter(others)])


def _given(basis: str, traits: pa.Table, kinds: pa.Table, models: pa.Table) -> pa.Table:
    """Give the customers of a basis theirs."""
    schema, found = arrow_schema("personas"), model_of(models, basis)
    accepted = models.filter(pc.equal(models["status"], "accepted"))["basis"].to_pylist()
    now = of_moment(traits, "now")
    if found is None or basis not in accepted or not now.num_rows:
        return schema.empty_table()
    model, names = found
    chances = model.probabilities(traits_of(now, names))
    keys = texts(keys_of(kinds, basis), chances.argmax(axis=1))
    columns = [now["customer_id"], keys, chances.max(axis=1)]
    return pa.table(dict(zip(schema.names, columns, strict=True))).cast(schema)
