"""Actions: the register, one action, what is decided about it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import requires


@requires(Role.VIEWER)
def list_(request: HttpRequest) -> HttpResponse:
    """List the actions."""
    return render(request, "actions/list.html", {})
