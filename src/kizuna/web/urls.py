"""Addresses of the application; each app brings its own."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from kizuna.web import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
]
