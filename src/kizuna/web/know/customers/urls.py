"""Addresses of the customers' pages; a customer's name may hold any sign, so it is a parameter."""

from __future__ import annotations

from django.urls import path

from kizuna.web.know.customers import views

app_name = "customers"
urlpatterns = [
    path("", views.listed, name="list"),
    path("one", views.one, name="one"),
    path("one/timeline", views.timeline, name="timeline"),
    path("one/orders", views.orders, name="orders"),
    path("one/facts", views.facts, name="facts"),
    path("export.csv", views.export, name="export"),
]
