"""What kept a page from being answered: no room, nothing may be written, or a fault of ours."""

from __future__ import annotations

import sys
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template import loader
from django.utils.cache import add_never_cache_headers

from kizuna.web.accounts.permissions import public
from kizuna.web.trouble import trouble_of

RETRY_AFTER: Final = "30"


@public
def server_error(request: HttpRequest) -> HttpResponse:
    """Answer for what was raised: 503 with words where it is a trouble, else 500."""
    trouble = trouble_of(sys.exception())
    if trouble is None:
        return HttpResponseServerError(loader.render_to_string("500.html"))
    page = loader.render_to_string("503.html", {"trouble": trouble.value})
    answer = HttpResponse(page, status=503, headers={"Retry-After": RETRY_AFTER})
    add_never_cache_headers(answer)
    return answer
