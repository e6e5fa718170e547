"""Addresses of databases."""

from __future__ import annotations

from django.urls import path

from kizuna.web.capture.sources import views

app_name = "sources"
urlpatterns = [
    path("", views.list_, name="list"),
    path("new", views.connect, name="connect"),
    path("<int:pk>/change", views.change, name="change"),
    path("<int:pk>/test", views.test, name="test"),
    path("<int:pk>/remove", views.remove, name="remove"),
    path("<int:pk>/read", views.plan, name="plan"),
    path("read/<int:pk>", views.show, name="show"),
    path("read/<int:pk>/change", views.replan, name="replan"),
    path("read/<int:pk>/run", views.run, name="run"),
    path("read/<int:pk>/drop", views.drop, name="drop"),
]
