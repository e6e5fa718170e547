"""The tabs over a person's own pages."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of
from kizuna.web.ui.components import Tab

PAGES = (
    ("accounts:profile", _("Profile"), Role.VIEWER),
    ("accounts:password", _("Password"), Role.VIEWER),
    ("accounts:second_factor", _("Second factor"), Role.VIEWER),
    ("accounts:sessions", _("Sessions"), Role.VIEWER),
    ("accounts:keys", _("API keys"), Role.MEMBER),
)


def tabs(request: HttpRequest) -> list[Tab]:
    """Give the pages that the person may open."""
    person = person_of(request)
    return [
        Tab(label, reverse(name), request.path == reverse(name))
        for name, label, role in PAGES
        if person.may(role)
    ]
