"""The first screen."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import requires
from kizuna.web.know.board import queries


@requires(Role.VIEWER)
def board(request: HttpRequest) -> HttpResponse:
    """Show what the customer base is worth."""
    shown = {"board": queries.board(), "standing": queries.standing()}
    return render(request, "board/board.html", shown)
