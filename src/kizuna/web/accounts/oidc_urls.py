"""Addresses for signing in with the company's identity provider; there only where one is named."""

from __future__ import annotations

from allauth.socialaccount.providers.openid_connect import (  # type: ignore[import-untyped]
    views,
)
from django.urls import path

from kizuna.web.accounts.permissions import public

urlpatterns = [
    path("<str:provider_id>/", public(views.login), name="openid_connect_login"),
    path("<str:provider_id>/back/", public(views.callback), name="openid_connect_callback"),
]
