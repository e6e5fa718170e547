"""What happens when the organisation counts otherwise: apps add to the list when they start."""

from __future__ import annotations

from collections.abc import Callable

from kizuna.web.accounts.models import Organisation, Person

type Hook = Callable[[Organisation, Person], object]

COUNTED_OTHERWISE_HOOKS: list[Hook] = []
