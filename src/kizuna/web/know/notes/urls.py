"""Addresses of notes and mentions."""

from __future__ import annotations

from django.urls import path

from kizuna.web.know.notes import views

app_name = "notes"
urlpatterns = [
    path("", views.write, name="write"),
    path("mentions/", views.mentions, name="mentions"),
    path("<int:pk>/", views.change, name="change"),
    path("<int:pk>/remove", views.remove, name="remove"),
]
