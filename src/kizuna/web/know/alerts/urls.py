"""Addresses of alerts, rules and channels."""

from __future__ import annotations

from django.urls import path

from kizuna.web.know.alerts import views

app_name = "alerts"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("<int:pk>/", views.one, name="one"),
    path("<int:pk>/done", views.finish, name="done"),
    path("<int:pk>/snooze", views.snooze, name="snooze"),
    path("rules/", views.rules, name="rules"),
    path("rules/new", views.add_rule, name="add_rule"),
    path("rules/ready", views.add_ready, name="add_ready"),
    path("rules/<int:pk>/", views.rule, name="rule"),
    path("rules/<int:pk>/remove", views.remove_rule, name="remove_rule"),
    path("rules/<int:pk>/mute", views.mute_rule, name="mute_rule"),
    path("rules/<int:pk>/try", views.try_rule, name="try_rule"),
    path("channels/", views.channels, name="channels"),
    path("channels/<int:pk>/remove", views.remove_channel, name="remove_channel"),
]
