"""Addresses of retention."""

from __future__ import annotations

from django.urls import path

from kizuna.web.know.retention import views

app_name = "retention"
urlpatterns = [
    path("", views.kept, name="kept"),
    path("customers", views.customers, name="customers"),
    path("renewals", views.renewals, name="renewals"),
    path("cohorts", views.cohorts, name="cohorts"),
    path("outlook", views.outlook, name="outlook"),
    path("won", views.won, name="won"),
]
