"""Addresses of the journey and of personas."""

from __future__ import annotations

from django.urls import path

from kizuna.web.know.journey import views

app_name = "journey"
urlpatterns = [
    path("", views.journey_map, name="map"),
    path("cell", views.cell, name="cell"),
    path("personas", views.personas, name="personas"),
    path("personas/<slug:key>", views.persona, name="persona"),
    path("personas/<slug:key>/unname", views.unname, name="unname"),
    path("touchpoints", views.touchpoints, name="touchpoints"),
    path("touchpoints/design", views.design, name="design"),
    path("touchpoints/add", views.touchpoint, name="add"),
    path("touchpoints/<int:pk>", views.touchpoint, name="touchpoint"),
    path("touchpoints/<int:pk>/remove", views.remove, name="remove"),
]
