"""Reads: the sites."""

from __future__ import annotations

from django.db.models import QuerySet

from kizuna.web.capture.snippet.models import Site


def sites() -> QuerySet[Site]:
    """Give all sites by name."""
    return Site.objects.order_by("name")


def site(pk: int) -> Site | None:
    """Find one."""
    return Site.objects.filter(pk=pk).first()


def is_taken(name: str, *, but_for: int | None = None) -> bool:
    """Tell whether another site has a name."""
    named = Site.objects.filter(name=name)
    return (named.exclude(pk=but_for) if but_for else named).exists()
