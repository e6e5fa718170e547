"""Addresses of the pages on who is who."""

from __future__ import annotations

from django.urls import path

from kizuna.web.capture.identities import views

app_name = "identities"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("compare", views.compare, name="compare"),
    path("merge", views.merge, name="merge"),
    path("look", views.look, name="look"),
    path("apart/<int:pk>", views.apart, name="apart"),
    path("merges", views.merges, name="merges"),
    path("merges/<int:pk>/undo", views.undo, name="undo"),
    path("rules", views.rules, name="rules"),
    path("rules/<slug:rule>", views.switch, name="switch"),
]
