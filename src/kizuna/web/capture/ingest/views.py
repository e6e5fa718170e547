"""The page of the write keys."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.capture.ingest import queries, services
from kizuna.web.capture.ingest.forms import WriteKeyForm
from kizuna.web.capture.ingest.models import WriteKey


@requires(Role.MANAGER)
def keys(request: HttpRequest) -> HttpResponse:
    """List write keys and make one; its text is on this page once."""
    form, text = WriteKeyForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        made = services.make_key(actor=person_of(request), request=request, **form.cleaned_data)
        form, text = WriteKeyForm(), made[1]
    address = request.build_absolute_uri("/")
    shown = {"form": form, "text": text, "keys": queries.keys_for_page(), "address": address}
    return render(request, "ingest/keys.html", shown, status=422 if form.errors else 200)


@requires(Role.MANAGER)
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a key."""
    try:
        services.revoke_key(actor=person_of(request), pk=pk, request=request)
    except WriteKey.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("The write key is revoked; nothing is taken by it any more."))
    return redirect("ingest:keys")
