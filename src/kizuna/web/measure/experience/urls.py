"""Addresses of what experience is worth."""

from __future__ import annotations

from django.urls import path

from kizuna.web.measure.experience import views

app_name = "experience"
urlpatterns = [path("", views.worth, name="worth")]
