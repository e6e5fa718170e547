"""Addresses of results."""

from __future__ import annotations

from django.urls import path

from kizuna.web.measure.results import outside_views, views

app_name = "results"
urlpatterns = [
    path("", views.list_, name="list"),
    path("export.csv", views.export, name="export"),
    path("together", views.together, name="together"),
    path("elsewhere/", outside_views.list_, name="outsides"),
    path("elsewhere/<int:pk>", outside_views.one, name="outside"),
    path("elsewhere/<int:pk>/plan", outside_views.plan, name="plan"),
    path("elsewhere/<int:pk>/remove", outside_views.remove, name="remove_outside"),
    path("<str:experiment_id>/", views.one, name="one"),
    path("<str:experiment_id>/decide", views.decide, name="decide"),
    path("<str:experiment_id>/customers", views.units, name="units"),
    path("<str:experiment_id>/customers.csv", views.export_units, name="export_units"),
]
