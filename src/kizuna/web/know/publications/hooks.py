"""What happens after a publication: other apps of Know add to the list when they start."""

from __future__ import annotations

from collections.abc import Callable

from kizuna.web.know.publications.models import Publication

type Hook = Callable[[Publication], object]

PUBLISHED_HOOKS: list[Hook] = []
