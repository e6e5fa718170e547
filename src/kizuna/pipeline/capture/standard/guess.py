"""Guess which column of a file is which part of a standard table, and which table a file is of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from kizuna.pipeline.capture import columns as orders
from kizuna.pipeline.capture import presets
from kizuna.pipeline.capture.columns import named, normal
from kizuna.pipeline.capture.standard.specs import SPECS, Spec
from kizuna.pipeline.errors import InputError

CONSTANT = "="
"""A column that begins with it is no column but the value of every row: '=nps'."""


def is_constant(column: str) -> bool:
    """Tell a value that stands for every row from the name of a column."""
    return column.startswith(CONSTANT)


def attempt(spec: Spec, columns: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """Say which column is which part, as far as can be told; '' in `given`: there is none.

    Raises
    ------
    InputError
        When a column or part that a person named is not there.

    """
    known = presets.parts_of(columns, spec.table)
    found = {part: name for part, name in known.items() if part not in given}
    found |= {part: _said(spec, part, name, columns) for part, name in given.items() if name}
    for part in spec.parts:
        if part.name not in {**given, **known} and not (part.name == "address" and "city" in found):
            found |= _by_name(part.name, part.synonyms, columns, set(found.values()))
    return found


def problem(spec: Spec, found: Mapping[str, str], columns: Sequence[str]) -> str:
    """Say why these columns are not enough; '' where they are."""
    missing = [part for part in spec.required if part not in found]
    if not (spec.is_named_by_content or any(key in found for key in spec.keys)):
        missing = [spec.key, *missing]
    if not missing:
        return ""
    return (
        f"no column looks like {' or '.join(missing[:1])}, which {spec.table} need: "
        f"name its column, or give one value for all rows as {missing[0]}==value; "
        f"the columns are {', '.join(columns)}"
    )


def likely_table(columns: Sequence[str]) -> str:
    """Name the table that most of the columns speak for; transactions where orders fit as well."""
    preset = presets.preset_of(columns)
    if preset is not None:
        return preset.table
    scores = {name: _score(spec, columns) for name, spec in SPECS.items()}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] > _orders_score(columns) else "transactions"


def _score(spec: Spec, columns: Sequence[str]) -> float:
    found = attempt(spec, columns, {})
    return 0.0 if problem(spec, found, columns) else len(found) + 0.5 * (spec.key in found)


def _orders_score(columns: Sequence[str]) -> float:
    found = orders.attempt(columns, {}, {}, lambda keys: False).columns
    enough = {"customer", "date"} <= found.keys() and {"amount", "price"} & found.keys()
    return len(found) + 0.5 * ("order" in found) + 0.5 if enough else 0.0


def _said(spec: Spec, part: str, name: str, columns: Sequence[str]) -> str:
    known = part in spec.by_name or (spec.extra and part.startswith(f"{spec.extra}."))
    if not known:
        raise InputError(f"{spec.table} have no {part!r}; they have {', '.join(spec.by_name)}")
    return name if is_constant(name) else named(part, name, columns)


def _by_name(part: str, synonyms: str, columns: Sequence[str], taken: set[str]) -> dict[str, str]:
    """Give the free column whose name, or whose name without brackets, is the best synonym."""
    rank = {name: place for place, name in enumerate((normal(part), *synonyms.split()))}
    ranked = []
    for column in columns:
        bare = normal(re.sub(r"[(（\[].*?[)）\]]", "", column))
        place = rank.get(normal(column), rank.get(bare))
        if place is not None and column not in taken:
            ranked.append((place, column))
    return {part: min(ranked)[1]} if ranked else {}
