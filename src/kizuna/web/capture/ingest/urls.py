"""Addresses of the write keys."""

from __future__ import annotations

from django.urls import path

from kizuna.web.capture.ingest import views

app_name = "ingest"
urlpatterns = [
    path("", views.keys, name="keys"),
    path("<int:pk>/revoke", views.revoke, name="revoke"),
]
