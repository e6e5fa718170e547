"""Addresses of the voice of the customer."""

from __future__ import annotations

from django.urls import path

from kizuna.web.know.voice import views, words

app_name = "voice"
urlpatterns = [
    path("", views.themes, name="themes"),
    path("theme", views.theme, name="theme"),
    path("label", views.label, name="label"),
    path("words", words.listed, name="words"),
    path("words/add", words.theme, name="add_theme"),
    path("words/<str:key>", words.theme, name="theme_words"),
    path("words/<str:key>/remove", words.remove, name="remove_theme"),
    path("gaps/open", views.open_gap, name="open_gap"),
    path("gaps/<int:pk>", views.gap, name="gap"),
    path("gaps/<int:pk>/remove", views.remove_gap, name="remove_gap"),
]
