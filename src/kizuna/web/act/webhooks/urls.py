"""Addresses of webhooks."""

from __future__ import annotations

from django.urls import path

from kizuna.web.act.webhooks import views

app_name = "webhooks"
urlpatterns = [
    path("", views.list_, name="list"),
    path("new", views.add, name="add"),
    path("<int:pk>", views.show, name="show"),
    path("<int:pk>/change", views.change, name="change"),
    path("<int:pk>/remove", views.remove, name="remove"),
    path("<int:pk>/switch", views.switch, name="switch"),
    path("<int:pk>/secret", views.secret, name="secret"),
    path("<int:pk>/rotate", views.rotate, name="rotate"),
    path("<int:pk>/test", views.test, name="test"),
    path("<int:pk>/again", views.again, name="again"),
    path("<int:pk>/log/<int:number>", views.delivery, name="delivery"),
    path("<int:pk>/log/<int:number>/again", views.again, name="again_one"),
]
