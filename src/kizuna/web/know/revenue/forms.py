"""What a person asks of the page of recurring revenue, read from the address."""

from __future__ import annotations

from django.http import QueryDict


class Asked:
    """The currency."""

    def __init__(self, query: QueryDict) -> None:
        """Read the address."""
        self.currency = query.get("currency", "")
