"""Addresses of scenarios."""

from __future__ import annotations

from django.urls import path

from kizuna.web.know.scenarios import views

app_name = "scenarios"
urlpatterns = [
    path("", views.what_if, name="what_if"),
    path("save", views.save, name="save"),
    path("compare", views.compare, name="compare"),
    path("<int:pk>", views.one, name="one"),
    path("<int:pk>/change", views.change, name="change"),
    path("<int:pk>/remove", views.remove, name="remove"),
]
