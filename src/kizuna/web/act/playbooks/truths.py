"""What holds of customers now: rules asked of the published facts, for many customers at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache

import pyarrow as pa
from django.utils import timezone

from kizuna.pipeline.engine import Engine
from kizuna.pipeline.errors import InputError
from kizuna.pipeline.parameters import minor_units
from kizuna.pipeline.rules import writing
from kizuna.pipeline.rules.catalogue import known_facts
from kizuna.pipeline.rules.reading import read
from kizuna.pipeline.rules.terms import Rule
from kizuna.web.know.publications.queries import Published, published

FACTS = "customer_facts"
type Truths = Mapping[str, frozenset[str]]
"""Text of a rule → the customers of whom it holds."""


@lru_cache(maxsize=1_000)
def rule_of(text: str) -> Rule:
    """Read a rule once."""
    return read(text, known_facts())


def truths(asked: Mapping[str, Collection[str]]) -> Truths:
    """Say of whom rules hold; `asked` names for each rule the customers that it is asked of.

    A rule that reads what is not known holds of nobody.
    """
    wanted = {text: ids for text, ids in asked.items() if ids}
    state = published()
    if not wanted or state is None or not state.has(FACTS):
        return dict.fromkeys(wanted, frozenset())
    everyone = sorted({one for ids in wanted.values() for one in ids})
    return _asked(state, list(wanted), everyone)


def _facts(text: str) -> set[str]:
    """Name the facts of a rule; one that cannot be read any more asks for what nobody knows."""
    try:
        return set(rule_of(text).facts)
    except InputError:
        return {"?"}


def _asked(state: Published, texts: list[str], ids: list[str]) -> Truths:
    with Engine(threads=2) as engine:
        engine.register_parquet(FACTS, state.files(FACTS))
        engine.register("asked", pa.table({"customer_id": pa.array(ids, pa.string())}))
        known = set(engine.schema(FACTS).names)
        good = [text for text in texts if _facts(text) <= known]
        if not good:
            return dict.fromkeys(texts, frozenset())
        day = max(timezone.localdate(), state.publication.as_of or timezone.localdate())
        units = minor_units(state.currency)
        columns = ", ".join(
            f"coalesce({writing.sql(rule_of(text).part, today=day, minor_units=units)}, false) "
            f"AS r{at}"
            for at, text in enumerate(good)
        )
        sql = f"SELECT customer_id, {columns} FROM {FACTS} SEMI JOIN asked USING (customer_id)"
        found = engine.query(sql)
    names = found["customer_id"].to_pylist()
    held = {
        text: frozenset(
            n for n, is_so in zip(names, found[f"r{at}"].to_pylist(), strict=True) if is_so
        )
        for at, text in enumerate(good)
    }
    return {text: held.get(text, frozenset()) for text in texts}
