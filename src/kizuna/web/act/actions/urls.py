"""Addresses of actions."""

from __future__ import annotations

from django.urls import path

from kizuna.web.act.actions import views

app_name = "actions"
urlpatterns = [
    path("", views.list_, name="list"),
]
