"""Surveys for those who work here: drafting, opening, waves, results, answers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.act.surveys import audience, links, queries, wording
from kizuna.web.act.surveys.files import as_csv
from kizuna.web.act.surveys.forms import Asked, LinkForm, PaceForm, QuestionForm, SurveyForm
from kizuna.web.act.surveys.hooks import ELSEWHERE
from kizuna.web.act.surveys.models import Standing, Survey
from kizuna.web.act.surveys.official import ABOUT
from kizuna.web.act.surveys.services import asking, designing
from kizuna.web.act.surveys.services.designing import OF_QUESTION
from kizuna.web.capture.consents.queries import sender


@requires(Role.VIEWER)
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """List surveys."""
    found = list(queries.surveys())
    shown = {"table": wording.listed(found), "any": bool(found), "pace": queries.pace()}
    return render(request, "surveys/list.html", shown | _may(request))


@requires(Role.MANAGER)
def add(request: HttpRequest) -> HttpResponse:
    """Draft a survey."""
    form = SurveyForm(request.POST or None)
    if form.is_valid():
        said = form.cleaned_data
        said["holdout"] = said["holdout"] / 100
        made = designing.add(actor=person_of(request), said=said, request=request)
        return redirect("surveys:show", made.pk)
    shown = {"form": form, "about": ABOUT.values()}
    return render(request, "surveys/survey_form.html", shown, status=_status(form))


@requires(Role.VIEWER)
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a survey: what it asks, whom, and how far it is."""
    return _shown(request, _survey(pk), LinkForm())


@requires(Role.MANAGER)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a survey."""
    found = _survey(pk)
    names = (*designing.ALWAYS, *designing.OF_DRAFT)
    initial = {name: getattr(found, name) for name in names}
    form = SurveyForm(request.POST or None, pk=pk, is_draft=found.state == "draft", initial=initial)
    if form.is_valid():
        designing.change(actor=person_of(request), pk=pk, said=form.cleaned_data, request=request)
        messages.success(request, _("The survey is changed."))
        return redirect("surveys:show", pk)
    shown = {"form": form, "survey": found}
    return render(request, "surveys/survey_form.html", shown, status=_status(form))


@requires(Role.MANAGER)
def question(request: HttpRequest, pk: int, number: int | None = None) -> HttpResponse:
    """Add a question, or change one."""
    found = _survey(pk)
    kept = queries.question(pk, number) if number else None
    if number and kept is None:
        raise Http404
    initial = {name: getattr(kept, name) for name in OF_QUESTION} if kept else None
    form = QuestionForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            designing.keep_question(
                actor=person_of(request),
                pk=pk,
                number=number,
                said=form.cleaned_data,
                request=request,
            )
        except designing.RefusedError as error:
            form.add_error(None, str(wording.PROBLEMS[error.code]))
        else:
            return redirect("surveys:show", pk)
    shown = {"form": form, "survey": found, "number": number}
    return render(request, "surveys/question_form.html", shown, status=_status(form))


@requires(Role.MANAGER)
@require_POST
def remove_question(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Take a question out."""
    _survey(pk)
    try:
        designing.remove_question(actor=person_of(request), pk=pk, number=number, request=request)
    except designing.RefusedError as error:
        messages.warning(request, str(wording.PROBLEMS[error.code]))
    return redirect("surveys:show", pk)


@requires(Role.MANAGER)
@require_POST
def open_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a survey."""
    _survey(pk)
    try:
        designing.open_up(actor=person_of(request), pk=pk, request=request)
        messages.success(request, _("The survey is open; nobody has been asked by that alone."))
    except designing.RefusedError as error:
        messages.warning(request, str(wording.PROBLEMS[error.code]))
    return redirect("surveys:show", pk)


@requires(Role.MANAGER)
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a survey."""
    _survey(pk)
    designing.close(actor=person_of(request), pk=pk, request=request)
    messages.success(request, _("The survey is closed; its answers stay."))
    return redirect("surveys:show", pk)


@requires(Role.MANAGER)
@require_POST
def begin_wave(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a wave now."""
    found = _survey(pk)
    try:
        asking.begin_wave(
            actor=person_of(request), survey=found, at=timezone.now(), request=request
        )
        messages.success(request, _("The wave has begun; customers are being asked."))
    except asking.NotOpenError:
        messages.warning(request, _("Open the survey first."))
    return redirect("surveys:show", pk)


@requires(Role.MEMBER)
@require_POST
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a customer's link, to be handed over by a person."""
    found, form = _survey(pk), LinkForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, form, status=422)
    try:
        made = asking.hand_over(
            actor=person_of(request),
            survey=found,
            customer_id=form.cleaned_data["customer_id"],
            request=request,
        )
    except asking.NotOpenError:
        form.add_error(None, _("Open the survey first."))
        return _shown(request, found, form, status=422)
    if made.state == Standing.NOT_ASKED:
        form.add_error(None, _("Not asked: %(why)s.") % {"why": made.get_why_display()})
        return _shown(request, found, form, status=422)
    return _shown(request, found, LinkForm(), link=links.whole(links.answer_path(made)))


@requires(Role.VIEWER)
@require_safe
def results(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the score by wave with its interval, who stayed silent, and each question."""
    survey = _survey(pk)
    found = queries.results(pk)
    shown: dict[str, Any] = {"survey": survey, "tabs": wording.tabs(survey, "results")}
    if found is not None:
        shown |= wording.results(survey, found, queries.questions(pk))
    return render(request, "surveys/results.html", shown)


@requires(Role.VIEWER)
@require_safe
def answers(request: HttpRequest, pk: int) -> HttpResponse:
    """List answers, and look for some."""
    survey, form = _survey(pk), Asked(request.GET)
    page = queries.answers(pk, form.values, _page_number(request))
    shown = {
        "survey": survey,
        "tabs": wording.tabs(survey, "answers"),
        "page": page,
        "table": wording.answers(page.items, queries.questions(pk)),
        "asked": form.values,
        "waves": queries.waves(pk),
        "may_export": person_of(request).may(Role.MEMBER),
    }
    return render(request, "surveys/answers.html", shown)


@requires(Role.MEMBER)
@require_safe
def export(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Give the answers as a file."""
    survey, form = _survey(pk), Asked(request.GET)
    rows = queries.export(pk, form.values)
    designing.note_export(
        actor=person_of(request), survey=survey, said=form.values, request=request
    )
    lines = as_csv(rows, queries.questions(pk))
    headers = {"Content-Disposition": f'attachment; filename="survey-{survey.pk}.csv"'}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


@requires(Role.MANAGER)
def pace(request: HttpRequest) -> HttpResponse:
    """Say how often a customer may be asked, over all surveys."""
    form = PaceForm(request.POST or None, initial={"days": queries.pace()})
    if form.is_valid():
        days = form.cleaned_data["days"]
        designing.set_pace(actor=person_of(request), days=days, request=request)
        messages.success(request, _("The pace is set."))
        return redirect("surveys:list")
    return render(request, "surveys/pace.html", {"form": form}, status=_status(form))


def _shown(
    request: HttpRequest, survey: Survey, form: LinkForm, *, link: str = "", status: int = 200
) -> HttpResponse:
    shown = {
        "survey": survey,
        "tabs": wording.tabs(survey, "show"),
        "mood": wording.MOODS[survey.state],
        "questions": queries.questions(survey.pk),
        "waves": wording.waves(queries.waves(survey.pk)),
        "reasons": wording.reasons(queries.reasons(survey.pk)),
        "audience": audience.name_of(survey),
        "size": audience.size(survey),
        "test": links.test_path(survey),
        "form": form,
        "link": link,
        "no_site": not sender().site,
        "elsewhere": [one for named in ELSEWHERE for one in named(survey.pk)],
    }
    return render(request, "surveys/show.html", shown | _may(request), status=status)


def _may(request: HttpRequest) -> dict[str, bool]:
    person = person_of(request)
    return {"may_change": person.may(Role.MANAGER), "may_link": person.may(Role.MEMBER)}


def _survey(pk: int) -> Survey:
    found = queries.survey(pk)
    if found is None:
        raise Http404
    return found


def _page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text) < 10**6 else 1


def _status(form: Any) -> int:
    return 422 if form.errors else 200
