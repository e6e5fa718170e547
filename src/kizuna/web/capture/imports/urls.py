"""Addresses of imports."""

from __future__ import annotations

from django.urls import path

from kizuna.web.capture.imports import views

app_name = "imports"
urlpatterns = [
    path("", views.list_, name="list"),
    path("upload", views.upload, name="upload"),
    path("take", views.take, name="take"),
    path("<int:pk>", views.show, name="show"),
    path("<int:pk>/look", views.look, name="look"),
    path("<int:pk>/columns", views.choose, name="choose"),
    path("<int:pk>/start", views.start, name="start"),
    path("<int:pk>/undo", views.undo, name="undo"),
    path("<int:pk>/discard", views.discard, name="discard"),
    path("<int:pk>/rejected.csv", views.rejected, name="rejected"),
]
