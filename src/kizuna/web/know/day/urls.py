"""Address of My day."""

from __future__ import annotations

from django.urls import path

from kizuna.web.know.day import views

app_name = "day"
urlpatterns = [path("", views.day, name="day")]
