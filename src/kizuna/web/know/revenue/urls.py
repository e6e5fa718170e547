"""Addresses of recurring revenue."""

from __future__ import annotations

from django.urls import path

from kizuna.web.know.revenue import views

app_name = "revenue"
urlpatterns = [
    path("", views.revenue, name="revenue"),
]
