"""Alerts: the inbox, one alert and what is done with it, the rules, the channels."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.know.alerts import queries, services, wording
from kizuna.web.know.alerts.forms import (
    ChannelForm,
    DaysForm,
    RuleForm,
    chosen,
    may_change_rules,
    prefilled,
)
from kizuna.web.know.alerts.models import Alert, AlertRule


@requires(Role.VIEWER)
def inbox(request: HttpRequest) -> HttpResponse:
    """List alerts: one's own, those of nobody, or all."""
    person = person_of(request)
    whose = chosen(request.GET.get("whose"), queries.WHOSE)
    state = chosen(request.GET.get("state"), queries.STATES)
    page = queries.inbox(person, whose, state, wording.number_of(request.GET.get("page")))
    shown = {
        "page": page,
        "alerts": queries.told(page.object_list),
        "tabs": wording.whose_tabs(queries.counts(person), whose, state),
        "state_tabs": wording.state_tabs(whose, state),
        "any_rule": bool(queries.rules()),
        "may_change": may_change_rules(person),
        "state": state,
    }
    return render(request, "alerts/inbox.html", shown)


@requires(Role.VIEWER)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one alert: what changed, why it matters, what to do."""
    alert, person = _alert(request, pk), person_of(request)
    services.see(actor=person, alert_id=pk)
    (told,) = queries.told([alert])
    shown = {
        "told": told,
        "alert": alert,
        "may_handle": services.may_handle(person, alert),
        "snoozes": wording.snoozes(),
        "explain": wording.explained(alert),
    }
    return render(request, "alerts/one.html", shown)


@requires(Role.MEMBER)
@require_POST
def finish(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an alert as done."""
    _alert(request, pk)
    services.finish(actor=person_of(request), alert_id=pk, request=request)
    messages.success(request, _("The alert is done."))
    return redirect("alerts:inbox")


@requires(Role.MEMBER)
@require_POST
def snooze(request: HttpRequest, pk: int) -> HttpResponse:
    """Be silent for some days; 0 ends the silence."""
    _alert(request, pk)
    days = _days(request)
    if days:
        services.snooze(actor=person_of(request), alert_id=pk, days=days, request=request)
        text = _("Silent about this cause for %(n)s days, whatever its numbers do.")
        messages.success(request, text % {"n": days})
    else:
        services.wake(actor=person_of(request), alert_id=pk, request=request)
        messages.success(request, _("This cause is told of again."))
    return redirect("alerts:inbox")


@requires(Role.MEMBER)
def rules(request: HttpRequest) -> HttpResponse:
    """List the rules and what each last did."""
    found = queries.rules()
    shown = {
        "rules": found,
        "table": wording.rules(found),
        "storms": wording.storms(found),
        "troubles": wording.troubles(queries.troubles()),
        "may_change": may_change_rules(person_of(request)),
    }
    return render(request, "alerts/rules.html", shown)


@requires(Role.MANAGER)
def add_rule(request: HttpRequest) -> HttpResponse:
    """Make a rule."""
    form = RuleForm(request.POST or None, initial=prefilled(request.GET))
    if request.method == "POST" and form.is_valid():
        made = services.add_rule(actor=person_of(request), said=form.cleaned_data, request=request)
        return redirect("alerts:rule", made.pk)
    return _rule_page(request, form, None)


@requires(Role.MANAGER)
def rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a rule, see what it did, try it on the past."""
    found = _rule(pk)
    form = RuleForm(request.POST or None, instance=_rule(pk), initial={"version": found.version})
    if request.method != "POST" or not form.is_valid():
        return _rule_page(request, form, found)
    version = form.cleaned_data["version"] or 0
    try:
        services.change_rule(
            actor=person_of(request),
            rule_id=pk,
            version=version,
            said=form.cleaned_data,
            request=request,
        )
    except services.ChangedMeanwhileError:
        return _rule_page(request, form, found, conflict=True)
    messages.success(request, _("The rule is saved."))
    return redirect("alerts:rule", pk)


@requires(Role.MANAGER)
@require_POST
def remove_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a rule."""
    _rule(pk)
    services.remove_rule(actor=person_of(request), rule_id=pk, request=request)
    return redirect("alerts:rules")


@requires(Role.MANAGER)
@require_POST
def mute_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a rule raise nothing for some days."""
    _rule(pk)
    days = _days(request)
    services.mute_rule(actor=person_of(request), rule_id=pk, days=days, request=request)
    return redirect("alerts:rule", pk)


@requires(Role.MANAGER)
@require_POST
def try_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask what a rule would have done in the past year."""
    _rule(pk)
    services.try_on_past(actor=person_of(request), rule_id=pk, request=request)
    return redirect("alerts:rule", pk)


@requires(Role.MANAGER)
@require_POST
def add_ready(request: HttpRequest) -> HttpResponse:
    """Add the rules that come with Kizuna."""
    made = services.add_ready(actor=person_of(request), request=request)
    text = ngettext("%(n)s rule was added.", "%(n)s rules were added.", made)
    messages.success(request, text % {"n": made})
    return redirect("alerts:rules")


@requires(Role.MANAGER)
def channels(request: HttpRequest) -> HttpResponse:
    """List the channels and add one."""
    form = ChannelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.add_channel(actor=person_of(request), request=request, **form.cleaned_data)
        return redirect("alerts:channels")
    shown = {"form": form, "channels": queries.channels()}
    return render(request, "alerts/channels.html", shown, status=422 if form.errors else 200)


@requires(Role.MANAGER)
@require_POST
def remove_channel(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a channel."""
    try:
        services.remove_channel(actor=person_of(request), channel_id=pk, request=request)
    except services.InUseError:
        messages.error(request, _("Rules still tell in this channel: change them first."))
    return redirect("alerts:channels")


def _rule_page(
    request: HttpRequest, form: RuleForm, found: AlertRule | None, conflict: bool = False
) -> HttpResponse:
    shown: dict[str, Any] = {"form": form, "rule": found, "conflict": conflict}
    if found is not None:
        shown |= {
            "did": wording.evaluations(queries.evaluations(found.pk)),
            "trial": wording.trial(queries.last_dry_run(found.pk), found),
            "snoozes": wording.snoozes(),
        }
    status = 409 if conflict else 422 if form.errors else 200
    return render(request, "alerts/rule.html", shown, status=status)


def _days(request: HttpRequest) -> int:
    form = DaysForm(request.POST)
    return int(form.cleaned_data["days"]) if form.is_valid() else 0


def _alert(request: HttpRequest, pk: int) -> Alert:
    person: Person = person_of(request)
    found = queries.one(person, pk)
    if found is None:
        raise Http404
    return found


def _rule(pk: int) -> AlertRule:
    found = queries.rule(pk)
    if found is None:
        raise Http404
    return found
