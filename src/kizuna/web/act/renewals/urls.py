"""Addresses of renewals."""

from __future__ import annotations

from django.urls import path

from kizuna.web.act.renewals import ladder_views, views

app_name = "renewals"
urlpatterns = [
    path("", views.list_, name="list"),
    path("<int:pk>/", views.one, name="one"),
    path("<int:pk>/judge", views.judge, name="judge"),
    path("<int:pk>/settle", views.settle, name="settle"),
    path("answer/<int:pk>", views.answer, name="answer"),
    path("forecast", views.forecast, name="forecast"),
    path("people", views.people, name="people"),
    path("ladder", ladder_views.ladder, name="ladder"),
    path("ladder/set-up", ladder_views.set_up, name="set_up"),
    path("ladder/new", ladder_views.add_ladder, name="add_ladder"),
    path("ladder/for", ladder_views.redirect_ladder, name="redirect_ladder"),
    path("ladder/end", ladder_views.end_ladder, name="end_ladder"),
    path("ladder/switch", ladder_views.switch, name="switch"),
    path("ladder/rungs", ladder_views.add_rung, name="add_rung"),
    path("ladder/rungs/<int:pk>/take-off", ladder_views.take_off, name="take_off"),
    path("ladder/reasons", ladder_views.add_reason, name="add_reason"),
    path("ladder/reasons/<int:pk>/archive", ladder_views.archive_reason, name="archive_reason"),
    path("calendar", ladder_views.calendars, name="calendars"),
    path("calendar/<int:pk>/revoke", ladder_views.revoke, name="revoke"),
    path("calendar/<str:token>.ics", ladder_views.feed, name="calendar_feed"),
]
