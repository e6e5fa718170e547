"""Sections that apps further right add to My day: Know imports none of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kizuna.web.accounts.models import Person


@dataclass(frozen=True, slots=True)
class Section:
    """A template that is included as a part of the page; it finds its values as `section`."""

    template: str
    values: Mapping[str, Any]


type Maker = Callable[[Person], Section | None]

SECTIONS: list[Maker] = []
"""Apps add to it when they start; they stand in this order, above the accounts."""


def sections_of(person: Person) -> list[Section]:
    """Give what else waits for a person."""
    made = (make(person) for make in SECTIONS)
    return [section for section in made if section is not None]
