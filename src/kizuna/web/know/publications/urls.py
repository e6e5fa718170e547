"""Addresses of the pipeline's pages."""

from __future__ import annotations

from django.urls import path

from kizuna.web.know.publications import views

app_name = "publications"
urlpatterns = [
    path("", views.runs, name="runs"),
    path("refresh", views.refresh, name="refresh"),
    path("<int:pk>", views.run, name="run"),
    path("tables/<slug:name>", views.table, name="table"),
    path("tables/<str:name>/<str:column>", views.column, name="column"),
]
