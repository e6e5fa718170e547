"""The navigation: every app declares its entries, and a person sees those that she may open.

An app's AppConfig carries `navigation = [Entry(_("Customers"), "customers:list", "people")]`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any, NamedTuple

from django.apps import apps
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

GROUPS: dict[str, str | Promise] = {
    "today": "",
    "": _("Know"),
    "experience": _("Experience"),
    "act": _("Act"),
    "data": _("Data"),
    "settings": _("Settings"),
    "person": "",
}
"""Groups in their order; entries of `person` are in the menu under the person's name."""
FOLDED = {"data", "settings"}
"""Groups for setting up rather than for each day: folded, unless one is in there."""


class Entry(NamedTuple):
    """A link of the navigation: `url` names a view without arguments, `role` is the least role."""

    label: str | Promise
    url: str
    icon: str = "dot"
    role: str = "viewer"
    group: str = ""
    order: int = 100


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as a person meets it on a page."""

    label: str | Promise
    url: str
    icon: str
    current: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Links under a heading, which may be empty."""

    name: str
    heading: str | Promise
    links: tuple[Link, ...]

    @property
    def folded(self) -> bool:
        """Whether it opens by a press."""
        return self.name in FOLDED

    @property
    def current(self) -> bool:
        """Whether the page that is shown is in it."""
        return any(link.current for link in self.links)


def groups_for(request: HttpRequest) -> tuple[Group, ...]:
    """Give the groups of links that the person of a request may open."""
    role = str(getattr(getattr(request, "user", None), "role", ""))
    allowed = [entry for entry in entries() if _covers(role, entry.role)]
    here = _here(allowed, request.path)
    found = groupby(allowed, key=lambda entry: entry.group)
    made = (Group(n, GROUPS[n], tuple(_links(some, here))) for n, some in found)
    return tuple(group for group in made if group.links)


@cache
def entries() -> tuple[Entry, ...]:
    """Collect what the apps declare, in the order of groups, then by `order`."""
    declared: Iterable[Any] = (
        entry for app in apps.get_app_configs() for entry in getattr(app, "navigation", ())
    )
    names = list(GROUPS)
    return tuple(
        sorted((Entry(*e) for e in declared), key=lambda e: (names.index(e.group), e.order))
    )


@cache
def _roles() -> tuple[str, ...]:
    """Read the roles, from least to most, from the model of people."""
    choices: Any = get_user_model()._meta.get_field("role").choices
    return tuple(reversed([str(value) for value, _label in choices]))


def _covers(role: str, least: str) -> bool:
    roles = _roles()
    return role in roles and roles.index(role) >= roles.index(least)


def _here(some: Iterable[Entry], path: str) -> str:
    """Give the address of the entry that a page belongs to: the nearest above it."""
    above = (url for _entry, url in _placed(some) if path.startswith(url))
    return max((url for url in above if url != "/" or path == "/"), key=len, default="")


def _links(some: Iterable[Entry], here: str) -> Iterator[Link]:
    for entry, url in _placed(some):
        yield Link(entry.label, url, entry.icon, current=url == here)


def _placed(some: Iterable[Entry]) -> Iterator[tuple[Entry, str]]:
    for entry in some:
        with suppress(NoReverseMatch):
            yield entry, reverse(entry.url)
