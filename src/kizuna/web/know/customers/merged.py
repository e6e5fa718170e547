"""Pages of a customer who was merged lead to the one who stayed, and say so."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from kizuna.web.capture.identities import queries
from kizuna.web.ui.templatetags.ui import writer

type Page = Callable[[HttpRequest], HttpResponse]


def follows_merges(view: Page) -> Page:
    """Lead to the page of whoever the customer asked for is part of now."""

    @wraps(view)
    def followed(request: HttpRequest) -> HttpResponse:
        asked = request.GET.get("id", "")
        customer_id = queries.customer_of(asked)
        if customer_id == asked:
            return view(request)
        messages.info(request, _told(asked))
        query = request.GET.copy()
        query["id"] = customer_id
        return redirect(f"{request.path}?{query.urlencode()}")

    return followed


def _told(asked: str) -> str:
    merge = queries.merge_of(asked)
    if merge is None:
        return _("“%(key)s” is a key of this customer.") % {"key": asked}
    said = _("“%(key)s” was merged into this customer by %(person)s on %(day)s.")
    day = writer().day(merge.merged_at.date())
    return said % {"key": asked, "person": merge.merged_by.name, "day": day}
