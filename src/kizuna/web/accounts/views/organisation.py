"""How the organisation counts."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from kizuna.web.accounts import queries
from kizuna.web.accounts.fiscal import quarter_of
from kizuna.web.accounts.forms import OrganisationForm
from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.accounts.services.organisation import ChangedMeanwhileError, save_organisation


@requires(Role.MANAGER)
def organisation(request: HttpRequest) -> HttpResponse:
    """Show and change the name, the fiscal year, and what value is counted on."""
    now = queries.organisation()
    form = OrganisationForm(request.POST or None, now=now)
    if request.method == "POST" and form.is_valid():
        try:
            counted = save_organisation(
                actor=person_of(request), request=request, **form.as_change()
            )
        except ChangedMeanwhileError as changed:
            form = form.beside(changed.current)
        else:
            messages.success(request, _("The settings are saved."))
            if counted:
                messages.info(request, _("The figures are computed anew with them."))
            return redirect("accounts:organisation")
    shown = {
        "form": form,
        "now": now,
        "fiscal": quarter_of(timezone.localdate(), now.fiscal_year_start),
        "zone": settings.TIME_ZONE,
    }
    return render(request, "accounts/organisation.html", shown)
