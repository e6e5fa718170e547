"""What happens before a run and after a publication: other apps of Know add when they start."""

from __future__ import annotations

from collections.abc import Callable

from kizuna.pipeline.store import Store
from kizuna.web.know.publications.models import Publication

type Hook = Callable[[Publication], object]

PUBLISHED_HOOKS: list[Hook] = []
GIVEN_HOOKS: list[Callable[[Store], object]] = []
"""Each writes to the store what the application knows and a run reads."""
