"""Going through something page by page: what the component that leafs asks of any page."""

from __future__ import annotations

from typing import Protocol


class Numbered(Protocol):
    """A page: its number from 1, and whether another follows."""

    @property
    def number(self) -> int:
        """Number of the page."""

    @property
    def has_next(self) -> bool:
        """Whether rows come after these."""


class Leafing:
    """What follows from a page's `number` and `has_next`."""

    __slots__ = ()

    @property
    def has_previous(self: Numbered) -> bool:
        """Whether rows come before these."""
        return self.number > 1

    @property
    def has_other_pages(self: Numbered) -> bool:
        """Whether these are not all."""
        return self.number > 1 or self.has_next

    @property
    def next_page_number(self: Numbered) -> int:
        """Number of the page that follows."""
        return self.number + 1

    @property
    def previous_page_number(self: Numbered) -> int:
        """Number of the page before."""
        return self.number - 1
