"""Addresses of surveys, for those who work here; customers come by links of their own."""

from __future__ import annotations

from django.urls import path

from kizuna.web.act.surveys import views

app_name = "surveys"
urlpatterns = [
    path("", views.listed, name="list"),
    path("new", views.add, name="add"),
    path("pace", views.pace, name="pace"),
    path("<int:pk>", views.show, name="show"),
    path("<int:pk>/change", views.change, name="change"),
    path("<int:pk>/open", views.open_up, name="open"),
    path("<int:pk>/close", views.close, name="close"),
    path("<int:pk>/wave", views.begin_wave, name="begin_wave"),
    path("<int:pk>/link", views.link, name="link"),
    path("<int:pk>/questions/new", views.question, name="add_question"),
    path("<int:pk>/questions/<int:number>", views.question, name="question"),
    path("<int:pk>/questions/<int:number>/remove", views.remove_question, name="remove_question"),
    path("<int:pk>/results", views.results, name="results"),
    path("<int:pk>/answers", views.answers, name="answers"),
    path("<int:pk>/export", views.export, name="export"),
]
