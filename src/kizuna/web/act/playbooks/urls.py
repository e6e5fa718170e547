"""Addresses of playbooks."""

from __future__ import annotations

from django.urls import path

from kizuna.web.act.playbooks import views, views_editor, views_intake

app_name = "playbooks"
urlpatterns = [
    path("", views.list_, name="list"),
    path("new", views_editor.new, name="new"),
    path("<int:pk>", views.show, name="show"),
    path("<int:pk>/customers", views.customers, name="customers"),
    path("<int:pk>/done", views.done, name="done"),
    path("<int:pk>/customers/<int:number>/stop", views.stop, name="stop"),
    path("<int:pk>/try-again", views.try_again, name="try_again"),
    path("<int:pk>/enrol", views_intake.enrol, name="enrol"),
    path("<int:pk>/enrol/<int:number>", views_intake.intake, name="intake"),
    path("choose", views_intake.choose, name="choose"),
    path("<int:pk>/trial", views.trial, name="trial"),
    path("<int:pk>/live", views.live, name="live"),
    path("<int:pk>/pause", views.pause, name="pause"),
    path("<int:pk>/conclude", views.conclude, name="conclude"),
    path("<int:pk>/remove", views.remove, name="remove"),
    path("<int:pk>/edit", views_editor.edit, name="edit"),
    path("<int:pk>/edit/about", views_editor.about, name="about"),
    path("<int:pk>/edit/start", views_editor.start, name="start"),
    path("<int:pk>/edit/end", views_editor.end, name="end"),
    path("<int:pk>/edit/yaml", views_editor.text, name="yaml"),
    path("<int:pk>/playbook.yaml", views_editor.download, name="download"),
    path("<int:pk>/edit/add", views_editor.add, name="add"),
    path("<int:pk>/edit/steps/<str:name>", views_editor.step, name="step"),
    path("<int:pk>/edit/steps/<str:name>/move", views_editor.move, name="move"),
    path("<int:pk>/edit/steps/<str:name>/remove", views_editor.remove_step, name="remove_step"),
]
