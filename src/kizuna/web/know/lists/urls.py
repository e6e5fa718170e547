"""Addresses of saved views and bulk actions."""

from __future__ import annotations

from django.urls import path

from kizuna.web.know.lists import views

app_name = "lists"
urlpatterns = [
    path("views/", views.save, name="save"),
    path("views/<int:pk>/delete", views.delete, name="delete"),
    path("bulk/", views.bulk, name="bulk"),
    path("bulk/<int:pk>/", views.bulk_shown, name="bulk_shown"),
]
