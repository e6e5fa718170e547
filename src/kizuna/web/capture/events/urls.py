"""Addresses of events."""

from __future__ import annotations

from django.urls import path

from kizuna.web.capture.events import views

app_name = "events"
urlpatterns = [
    path("", views.list_, name="list"),
    path("rejected", views.rejected, name="rejected"),
    path("rejected.jsonl", views.export, name="export"),
    path("rejected/replay", views.replay, name="replay"),
    path("rejected/<str:reject_id>", views.one, name="one"),
]
