"""Addresses of messages."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "messages"
urlpatterns: list[URLPattern] = []
