"""Addresses of segments."""

from __future__ import annotations

from django.urls import path

from kizuna.web.know.segments import stage_views, views

app_name = "segments"
urlpatterns = [
    path("", views.listed, name="list"),
    path("add", views.add, name="add"),
    path("who", views.who, name="who"),
    path("rfm", views.rfm, name="rfm"),
    path("stages", views.stages, name="stages"),
    path("stages/set", stage_views.change, name="set_stages"),
    path("stages/reset", stage_views.reset, name="reset_stages"),
    path("<int:pk>", views.one, name="one"),
    path("<int:pk>/change", views.change, name="change"),
    path("<int:pk>/why", views.why, name="why"),
    path("<int:pk>/freeze", views.freeze, name="freeze"),
    path("<int:pk>/export", views.export, name="export"),
    path("<int:pk>/remove", views.remove, name="remove"),
]
