"""Addresses of the pages about people."""

from __future__ import annotations

from django.urls import path

from kizuna.web.accounts.views import entry

app_name = "accounts"

urlpatterns = [
    path("setup/", entry.first_start, name="set_up"),
    path("sign-in/", entry.sign_in, name="sign_in"),
    path("sign-in/code/", entry.code, name="code"),
    path("sign-out/", entry.sign_out, name="sign_out"),
]
