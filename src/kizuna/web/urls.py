"""Addresses of the application; each app brings its own."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from kizuna.web import health
from kizuna.web.accounts.permissions import public

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", public(health.live), name="live"),
    path("health/ready", public(health.ready), name="ready"),
    path("", include("kizuna.web.accounts.urls")),
    path("pipeline/", include("kizuna.web.know.publications.urls")),
]
