"""Address of the first screen."""

from __future__ import annotations

from django.urls import path

from kizuna.web.know.board import views

app_name = "board"
urlpatterns = [path("", views.board, name="board")]
