"""Addresses of the application; each app brings its own."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from kizuna.web import health
from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import public, requires
from kizuna.web.ui import style

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", public(health.live), name="live"),
    path("health/ready", public(health.ready), name="ready"),
    path("language/", public(set_language), name="set_language"),
    path("ui/", requires(Role.OWNER)(style.page), name="style"),
    path("", include("kizuna.web.accounts.urls")),
    path("jobs/", include("kizuna.web.jobs.urls")),
    path("pipeline/", include("kizuna.web.know.publications.urls")),
]
