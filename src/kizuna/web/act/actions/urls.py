"""Addresses of actions."""

from __future__ import annotations

from django.urls import path

from kizuna.web.act.actions import views

app_name = "actions"
urlpatterns = [
    path("", views.list_, name="list"),
    path("new", views.add, name="add"),
    path("global-control", views.control, name="control"),
    path("<int:pk>", views.one, name="one"),
    path("<int:pk>/change", views.change, name="change"),
    path("<int:pk>/share", views.share, name="share"),
    path("<int:pk>/decide", views.decide, name="decide"),
]
