"""Addresses of what people know of a customer; whose it is, is a parameter."""

from __future__ import annotations

from django.urls import path

from kizuna.web.know.profiles import views

app_name = "profiles"
urlpatterns = [
    path("one/edit", views.edit, name="edit"),
    path("one/contacts/", views.add_contact, name="add_contact"),
    path("contacts/<int:pk>/", views.change_contact, name="change_contact"),
    path("contacts/<int:pk>/remove", views.remove_contact, name="remove_contact"),
    path("one/tags/", views.add_tag, name="add_tag"),
    path("one/tags/<int:pk>/remove", views.remove_tag, name="remove_tag"),
    path("fields/", views.fields, name="fields"),
    path("fields/<int:pk>/archive", views.archive_field, name="archive_field"),
    path("tags/<int:pk>/delete", views.delete_tag, name="delete_tag"),
]
