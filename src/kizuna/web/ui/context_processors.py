"""What every page is given besides its own."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from kizuna.web.ui.navigation import Group, groups_for


def ui(request: HttpRequest) -> dict[str, Any]:
    """Give the navigation of the person, the name of the site, and where Plotly is."""
    groups: Any = SimpleLazyObject(lambda: groups_for(request))
    return {
        "navigation": SimpleLazyObject(lambda: _without_person(groups)),
        "person_links": SimpleLazyObject(lambda: _of_person(groups)),
        "site_name": settings.SITE_NAME,
        "plotly_file": settings.PLOTLY_FILE,
    }


def _without_person(groups: tuple[Group, ...]) -> list[Group]:
    return [group for group in groups if group.name != "person"]


def _of_person(groups: tuple[Group, ...]) -> list[Any]:
    return [link for group in groups if group.name == "person" for link in group.links]
