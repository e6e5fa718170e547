"""Addresses of sites."""

from __future__ import annotations

from django.urls import path

from kizuna.web.capture.snippet import views

app_name = "snippet"
urlpatterns = [
    path("", views.list_, name="list"),
    path("new", views.add, name="add"),
    path("<int:pk>", views.show, name="show"),
    path("<int:pk>/change", views.change, name="change"),
    path("<int:pk>/remove", views.remove, name="remove"),
]
