"""Addresses of requests about people's own data."""

from __future__ import annotations

from django.urls import path

from kizuna.web.capture.privacy import views

app_name = "privacy"
urlpatterns = [
    path("", views.list_, name="list"),
    path("retention", views.retention_list, name="retention"),
    path("retention/<slug:held>", views.retention_one, name="period"),
    path("new", views.add, name="add"),
    path("<int:pk>", views.show, name="show"),
    path("<int:pk>/refuse", views.refuse, name="refuse"),
    path("<int:pk>/carry-out", views.carry_out, name="carry_out"),
    path("<int:pk>/export.zip", views.export, name="export"),
]
