"""Addresses of health; `health/` itself is that of the application."""

from __future__ import annotations

from django.urls import path

from kizuna.web.know.health import views

app_name = "health"
urlpatterns = [
    path("", views.portfolio, name="portfolio"),
    path("customers", views.listed, name="listed"),
    path("one", views.one, name="one"),
    path("rate", views.rate, name="rate"),
    path("override", views.override, name="override"),
    path("end-override", views.end_override, name="end_override"),
    path("bands", views.bands, name="bands"),
    path("scorecard", views.scorecard, name="scorecard"),
]
