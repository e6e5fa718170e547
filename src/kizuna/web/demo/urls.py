"""The address of the demo's door; there only in a data folder that `kizuna demo` made."""

from __future__ import annotations

from django.urls import path

from kizuna.web.demo import views

app_name = "demo"
urlpatterns = [path("<str:token>/", views.enter, name="enter")]
