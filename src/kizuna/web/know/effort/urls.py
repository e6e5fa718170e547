"""Addresses of effort and service levels."""

from __future__ import annotations

from django.urls import path

from kizuna.web.know.effort import views

app_name = "effort"
urlpatterns = [
    path("effort/", views.effort, name="effort"),
    path("effort/issue", views.issue, name="issue"),
    path("service/", views.service, name="service"),
    path("service/settings", views.settings_page, name="settings"),
    path("service/calendars/add", views.calendar, name="add_calendar"),
    path("service/calendars/<int:pk>", views.calendar, name="calendar"),
    path("service/calendars/<int:pk>/remove", views.remove_calendar, name="remove_calendar"),
    path("service/targets/add", views.target, name="add_target"),
    path("service/targets/<int:pk>", views.target, name="target"),
    path("service/targets/<int:pk>/remove", views.remove_target, name="remove_target"),
]
