"""Addresses of sources of contacts."""

from __future__ import annotations

from django.urls import path

from kizuna.web.capture.interactions import views

app_name = "interactions"
urlpatterns = [
    path("", views.list_, name="list"),
    path("hooks/new", views.add_hook, name="add_hook"),
    path("hooks/<int:pk>", views.hook, name="hook"),
    path("hooks/<int:pk>/change", views.change_hook, name="change_hook"),
    path("hooks/<int:pk>/remove", views.remove_hook, name="remove_hook"),
    path("hooks/<int:pk>/retry", views.retry, name="retry"),
    path("mailboxes/new", views.add_mailbox, name="add_mailbox"),
    path("mailboxes/<int:pk>", views.mailbox, name="mailbox"),
    path("mailboxes/<int:pk>/change", views.change_mailbox, name="change_mailbox"),
    path("mailboxes/<int:pk>/remove", views.remove_mailbox, name="remove_mailbox"),
    path("mailboxes/<int:pk>/look", views.look, name="look"),
    path("in/<str:token>", views.take, name="take_contacts"),
]
