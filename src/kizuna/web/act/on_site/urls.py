"""Addresses of messages on the site, for those who work here."""

from __future__ import annotations

from django.urls import path

from kizuna.web.act.on_site import views

app_name = "on_site"
urlpatterns = [
    path("", views.list_, name="list"),
    path("new", views.add, name="add"),
    path("secret", views.secret, name="secret"),
    path("<int:pk>", views.one, name="one"),
    path("<int:pk>/change", views.change, name="change"),
    path("<int:pk>/decide", views.decide, name="decide"),
]
