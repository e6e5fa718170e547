"""Addresses of tasks."""

from __future__ import annotations

from django.urls import path

from kizuna.web.act.tasks import views

app_name = "tasks"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("new", views.add, name="add"),
    path("assign", views.assign, name="assign"),
    path("time", views.time, name="time"),
    path("time/<int:pk>/minutes", views.set_minutes, name="set_minutes"),
    path("time/<int:pk>/away", views.be_away, name="be_away"),
    path("time/back/<int:pk>", views.be_back, name="be_back"),
    path("<int:pk>/", views.one, name="one"),
    path("<int:pk>/change", views.change, name="change"),
    path("<int:pk>/finish", views.finish, name="finish"),
    path("<int:pk>/snooze", views.snooze, name="snooze"),
    path("<int:pk>/wake", views.wake, name="wake"),
    path("<int:pk>/take", views.take, name="take"),
    path("<int:pk>/comment", views.comment, name="comment"),
]
