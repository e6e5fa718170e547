"""The facts as people choose them: a name in their language, a kind, a unit."""

from __future__ import annotations

from collections.abc import Mapping

from kizuna.pipeline.rules.catalogue import known_facts
from kizuna.web.know.customers.definitions import definitions


def labels() -> Mapping[str, str]:
    """Give the name of every fact that a rule may use, in the order of the table."""
    return {name: label(name) for name in known_facts()}


def label(name: str) -> str:
    """Name one fact; by its column where it is none."""
    found = definitions().get(name)
    return str(found.label) if found else name.replace("_", " ")
