"""Addresses of background work."""

from __future__ import annotations

from django.urls import path

from kizuna.web.jobs import views

app_name = "jobs"
urlpatterns = [
    path("", views.overview, name="list"),
    path("<int:job_id>/retry", views.retry, name="retry"),
    path("<int:job_id>/cancel", views.cancel, name="cancel"),
]
