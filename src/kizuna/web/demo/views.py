"""The door of the demo; an installation that is no demo does not have it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from kizuna.web.accounts.permissions import public
from kizuna.web.demo import links


@public
@never_cache
@require_GET
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Sign in by a link, from this machine alone."""
    if not links.comes_from_here(request):
        raise Http404
    try:
        done = links.use(request=request, token=token)
    except links.NoLinkError:
        again = _("This link was used already, or it is too old. Start the demo again for another.")
        messages.warning(request, again)
        return redirect("accounts:sign_in")
    return redirect("/" if done else "accounts:code")
