"""Addresses of retention."""

from __future__ import annotations

from django.urls import path

from kizuna.web.know.retention import views

app_name = "retention"
urlpatterns = [
    path("", views.kept, name="kept"),
    path("cohorts", views.cohorts, name="cohorts"),
    path("outlook", views.outlook, name="outlook"),
    path("outlook/forecasts", views.forecasts, name="forecasts"),
    path("won", views.won, name="won"),
    path("service", views.service, name="service"),
    path("rates", views.rates, name="rates"),
    path("rates/add", views.rate, name="add_rate"),
    path("rates/<int:pk>", views.rate, name="rate"),
    path("rates/<int:pk>/remove", views.remove_rate, name="remove_rate"),
]
