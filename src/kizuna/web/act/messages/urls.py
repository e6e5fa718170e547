"""Addresses of messages."""

from __future__ import annotations

from django.urls import path

from kizuna.web.act.messages import views

app_name = "messages"
urlpatterns = [
    path("", views.outbox, name="outbox"),
    path("<int:pk>", views.message, name="message"),
    path("<int:pk>/settle", views.settle_one, name="settle"),
    path("returned", views.returned, name="returned"),
    path("returned/aside", views.put_aside, name="put_aside"),
    path("returned/<int:pk>", views.settle_returned, name="settle_returned"),
    path("templates", views.templates, name="templates"),
    path("templates/new", views.add, name="add"),
    path("templates/<int:pk>", views.template, name="template"),
    path("templates/<int:pk>/change", views.change, name="change"),
    path("templates/<int:pk>/test", views.test, name="test"),
    path("templates/<int:pk>/retire", views.retire, name="retire"),
    path("channels", views.channels, name="channels"),
    path("channels/<str:name>", views.channel, name="channel"),
]
