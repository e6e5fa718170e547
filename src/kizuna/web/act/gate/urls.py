"""Addresses of the contact gate."""

from __future__ import annotations

from django.urls import path

from kizuna.web.act.gate import views

app_name = "gate"
urlpatterns = [
    path("", views.log, name="log"),
    path("suppressed", views.suppressed, name="suppressed"),
    path("suppressed/<int:pk>/lift", views.lift, name="lift"),
    path("zones", views.zones, name="zones"),
    path("rules", views.rules, name="rules"),
]
