"""Addresses of campaigns."""

from __future__ import annotations

from django.urls import path

from kizuna.web.act.campaigns import views

app_name = "campaigns"
urlpatterns = [
    path("", views.list_, name="list"),
    path("new", views.add, name="add"),
    path("<int:pk>", views.one, name="one"),
    path("<int:pk>/change", views.change, name="change"),
    path("<int:pk>/decide", views.decide, name="decide"),
    path("<int:pk>/look", views.look, name="look"),
]
