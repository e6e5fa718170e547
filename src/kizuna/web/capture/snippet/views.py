"""Sites that carry the script: their settings, the tag, and the notice for visitors."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.capture.snippet import queries, services
from kizuna.web.capture.snippet.forms import SiteForm, initial
from kizuna.web.capture.snippet.models import Site
from kizuna.web.capture.snippet.notices import notices
from kizuna.web.capture.snippet.tags import tag_of


@requires(Role.MANAGER)
@require_safe
def list_(request: HttpRequest) -> HttpResponse:
    """List the sites."""
    return render(request, "snippet/list.html", {"sites": queries.sites()})


@requires(Role.MANAGER)
def add(request: HttpRequest) -> HttpResponse:
    """Take a site."""
    form = SiteForm(request.POST or None, initial=initial(None))
    if request.method == "POST" and form.is_valid():
        made = services.add(actor=person_of(request), said=form.cleaned_data, request=request)
        return redirect("snippet:show", made.pk)
    return _form(request, form, None)


@requires(Role.MANAGER)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a site."""
    found = _site(pk)
    form = SiteForm(request.POST or None, pk=pk, initial=initial(found))
    if request.method == "POST" and form.is_valid():
        actor, said = person_of(request), form.cleaned_data
        services.change(actor=actor, pk=pk, said=said, request=request)
        return redirect("snippet:show", pk)
    return _form(request, form, found)


@requires(Role.MANAGER)
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the tag and the notice."""
    found = _site(pk)
    tag = tag_of(found, request.build_absolute_uri("/").rstrip("/"))
    values = {"site": found, "tag": tag, "notices": notices(found)}
    return render(request, "snippet/show.html", values)


@requires(Role.MANAGER)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a site."""
    _site(pk)
    services.remove(actor=person_of(request), pk=pk, request=request)
    return redirect("snippet:list")


def _form(request: HttpRequest, form: SiteForm, site: Site | None) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, "snippet/site.html", {"form": form, "site": site}, status=status)


def _site(pk: int) -> Site:
    found = queries.site(pk)
    if found is None:
        raise Http404
    return found
