"""Renewals: the list, one of them, the forecast, how well people foretell."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.act.renewals import ladder_words, queries, services, wording
from kizuna.web.act.renewals.forms import AnswerForm, JudgementForm, SettleForm
from kizuna.web.act.renewals.models import Renewal, State
from kizuna.web.act.tasks.days import today
from kizuna.web.know.alerts.forms import chosen
from kizuna.web.know.alerts.wording import number_of


@requires(Role.VIEWER)
@require_safe
def list_(request: HttpRequest) -> HttpResponse:
    """List what comes due, and how likely it is."""
    person = person_of(request)
    whose = chosen(request.GET.get("whose"), queries.WHOSE)
    view = chosen(request.GET.get("view"), queries.VIEWS)
    order = chosen(request.GET.get("order"), queries.ORDERS)
    page = queries.listed(person, whose, view, order, number_of(request.GET.get("page")))
    several = queries.has_ladders()
    shown = {
        "page": page,
        "table": wording.table(queries.lines(list(page.object_list)), today(), view, several),
        "tabs": wording.tabs(whose, view, order),
        "views": wording.views(queries.counts(person, whose), whose, view, order),
        "orders": wording.orders(whose, view, order) if view != "ended" else [],
        "rate": wording.rate_stat(queries.rate()),
        "ladder": queries.ladder(),
        "is_any": bool(page.object_list) or queries.is_any(),
        "whose": whose,
        "may_change": person.may(Role.MANAGER),
        "may_say": person.may(Role.MEMBER),
    }
    return render(request, "renewals/list.html", shown)


@requires(Role.VIEWER)
@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a renewal: both likelihoods, its steps, what was said of it."""
    return _shown(request, _renewal(request, pk))


@requires(Role.MEMBER)
@require_POST
def judge(request: HttpRequest, pk: int) -> HttpResponse:
    """Say how likely a renewal is."""
    renewal = _renewal(request, pk)
    form = _judgement_form(renewal, request)
    if not form.is_valid():
        return _shown(request, renewal, judgement_form=form, status=422)
    said = form.cleaned_data
    try:
        services.judge(
            actor=person_of(request),
            renewal_id=pk,
            likelihood=said["percent"] / 100,
            committed=said["committed"],
            text=said["text"],
            request=request,
        )
    except services.NotOpenError:
        messages.warning(request, _("This renewal has come to its end already."))
    return redirect("renewals:one", pk)


@requires(Role.MEMBER)
@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what became of a renewal."""
    renewal, form = _renewal(request, pk), SettleForm(request.POST)
    if not form.is_valid():
        return _shown(request, renewal, settle_form=form, status=422)
    try:
        services.settle(
            actor=person_of(request), renewal_id=pk, request=request, **form.cleaned_data
        )
    except services.NotOpenError:
        messages.warning(request, _("This renewal has come to its end already."))
    return redirect("renewals:one", pk)


@requires(Role.MANAGER)
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what follows from an escalation."""
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.warning(request, _("Write what follows from it."))
        return redirect("renewals:list")
    text = form.cleaned_data["text"]
    try:
        found = services.answer(
            actor=person_of(request), escalation_id=pk, text=text, request=request
        )
    except services.NoEscalationError:
        raise Http404 from None
    return redirect("renewals:one", found.renewal_id)


@requires(Role.VIEWER)
@require_safe
def forecast(request: HttpRequest) -> HttpResponse:
    """Sum what comes due, as people and as the data see it."""
    person = person_of(request)
    whose = chosen(request.GET.get("whose"), ("team", "mine"))
    shown = {
        "tables": wording.forecast_tables(queries.forecasts(person, whose)),
        "explain": wording.explain_forecast(),
        "whose": whose,
        "lost": wording.lost_table(queries.reasons_given(wording.a_year_before(today()))),
    }
    return render(request, "renewals/forecast.html", shown)


@requires(Role.MANAGER)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Tell how well people foretell renewals, beside the data."""
    found = queries.records()
    shown = {"table": wording.records_table(found), "explain": wording.explain_records()}
    return render(request, "renewals/people.html", shown | {"any": bool(found)})


def _judgement_form(renewal: Renewal, request: HttpRequest | None = None) -> JudgementForm:
    ladder = queries.ladder_of(renewal)
    difference = ladder.difference if ladder else 1.0
    data = request.POST if request else None
    return JudgementForm(data, model=renewal.likelihood, difference=difference)


def _shown(request: HttpRequest, renewal: Renewal, status: int = 200, **forms: Any) -> HttpResponse:
    person, day = person_of(request), today()
    (line,) = queries.lines([renewal])
    waiting = queries.escalations(renewal)
    shown = {
        "line": line,
        "renewal": renewal,
        "deadline": wording.deadline(renewal, day),
        "ladder": ladder_words.ladder_of(renewal),
        "both": wording.both(renewal),
        "judgements": wording.judgements_table(queries.judgements(renewal)),
        "climbed": wording.climbed_table(queries.climbed(renewal), day),
        "escalations": [(e, queries.open_to(person, e)) for e in waiting],
        "is_late": renewal.say_by is not None and renewal.say_by < day,
        "is_open": renewal.state == State.OPEN,
        "may_explain": renewal.state == State.LOST and renewal.reason is None,
        "may_say": person.may(Role.MEMBER),
        "explain": wording.explain_likelihood(),
        "judgement_form": _judgement_form(renewal),
        "settle_form": SettleForm(
            initial={"state": renewal.state} if renewal.state == State.LOST else None
        ),
        "answer_form": AnswerForm(),
        **forms,
    }
    return render(request, "renewals/one.html", shown, status=status)


def _renewal(request: HttpRequest, pk: int) -> Renewal:
    found = queries.one(person_of(request), pk)
    if found is None:
        raise Http404
    return found
