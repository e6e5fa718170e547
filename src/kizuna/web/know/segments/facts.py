"""The facts as people choose them: a name in their language, a kind, a unit."""

from __future__ import annotations

from collections.abc import Mapping

from kizuna.pipeline.rules.catalogue import known_facts
from kizuna.web.know.customers.definitions import WORDS, definitions
from kizuna.web.know.journey.names import persona_names
from kizuna.web.know.segments.stage_tables import stage_names


def labels() -> Mapping[str, str]:
    """Give the name of every fact that a rule may use, in the order of the table."""
    return {name: label(name) for name in known_facts()}


def value_names(name: str) -> Mapping[str, str]:
    """Name the values of a fact that are keys; nothing where they are none."""
    if name == "persona":
        return persona_names()
    if name == "lifecycle_stage":
        return stage_names()
    return {key: str(word) for key, word in WORDS.get(name, {}).items()}


def label(name: str) -> str:
    """Name one fact; by its column where it is none."""
    found = definitions().get(name)
    return str(found.label) if found else name.replace("_", " ")
