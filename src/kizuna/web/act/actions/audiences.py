"""How many customers an action would reach: apps whose objects are actions say so here."""

from __future__ import annotations

from collections.abc import Callable

from kizuna.web.act.actions.models import Action

type Audience = Callable[[Action], int | None]

AUDIENCES: list[Audience] = []
"""Each gives how many customers are eligible now; None: the action is none of its own."""
PAGES: list[Callable[[Action], str | None]] = []
"""Each gives the page of what is behind an action, such as its playbook; None: none of its own."""


def audience_of(action: Action) -> int | None:
    """Give how many customers an action would reach; None where nobody can tell."""
    return next((n for tell in AUDIENCES if (n := tell(action)) is not None), None)


def page_of(action: Action) -> str | None:
    """Give the page of what is behind an action."""
    return next((url for tell in PAGES if (url := tell(action)) is not None), None)
