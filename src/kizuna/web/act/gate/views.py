"""The contact gate: its log, whom it keeps from, its rules."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import requires
from kizuna.web.act.gate import queries
from kizuna.web.act.gate.wording import reason_of


@requires(Role.MEMBER)
def log(request: HttpRequest) -> HttpResponse:
    """Show the latest decisions."""
    lines = [(entry, reason_of(entry.reason)) for entry in queries.latest(50)]
    return render(request, "gate/log.html", {"lines": lines})
