"""Addresses of consent, for those who work here; customers come by links of their own."""

from __future__ import annotations

from django.urls import path

from kizuna.web.capture.consents import views

app_name = "consents"
urlpatterns = [
    path("", views.purposes, name="purposes"),
    path("new", views.add_purpose, name="add_purpose"),
    path("purposes/<int:pk>", views.purpose, name="purpose"),
    path("purposes/<int:pk>/retire", views.retire_purpose, name="retire_purpose"),
    path("purposes/<int:pk>/topics", views.add_topic, name="add_topic"),
    path("purposes/<int:pk>/wordings", views.add_wording, name="add_wording"),
    path("topics/<int:pk>/retire", views.retire_topic, name="retire_topic"),
    path("sender", views.sender, name="sender"),
    path("file", views.file, name="file"),
    path("export", views.export_all, name="export_all"),
    path("of", views.of, name="of"),
    path("of/link", views.link, name="link"),
    path("of/export", views.export, name="export"),
]
