"""Panels that apps further right add to the page of a customer: Know imports none of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kizuna.web.accounts.models import Person


@dataclass(frozen=True, slots=True)
class Panel:
    """A template that is included as a part of the page; it finds its values as `panel`."""

    template: str
    values: Mapping[str, Any]


type Maker = Callable[[str, Person], Panel | None]

FIRST: list[Maker] = []
"""Panels under the alerts: what waits to be done."""
LATER: list[Maker] = []
"""Panels above the notes. None: there is nothing to show of this customer."""


def panels(makers: list[Maker], customer_id: str, person: Person) -> list[Panel]:
    """Give the panels of a customer, for a person."""
    made = (make(customer_id, person) for make in makers)
    return [panel for panel in made if panel is not None]
