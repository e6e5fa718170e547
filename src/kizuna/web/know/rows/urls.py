"""Addresses of the rows behind numbers."""

from __future__ import annotations

from django.urls import path

from kizuna.web.know.rows import views

app_name = "rows"
urlpatterns = [
    path("<slug:name>", views.rows, name="rows"),
    path("<slug:name>/export.csv", views.export, name="export"),
]
