"""Addresses of the next best action."""

from __future__ import annotations

from django.urls import path

from kizuna.web.measure.next_best import views

app_name = "next_best"
urlpatterns = [
    path("", views.list_, name="list"),
    path("offers", views.offers, name="offers"),
    path("offers/add", views.add, name="add"),
    path("offers/limits", views.limits, name="limits"),
    path("offers/<int:pk>/withdraw", views.withdraw, name="withdraw"),
    path("hand-out", views.hand_out, name="hand_out"),
]
