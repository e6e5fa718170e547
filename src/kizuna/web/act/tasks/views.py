"""Tasks: the queue, one task and what is done with it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.act.tasks import presets, queries, services, wording
from kizuna.web.act.tasks.forms import (
    AssignForm,
    CommentForm,
    FinishForm,
    SnoozeForm,
    TaskForm,
)
from kizuna.web.act.tasks.models import Task
from kizuna.web.act.tasks.time_views import be_away, be_back, set_minutes, time
from kizuna.web.know.alerts.forms import chosen
from kizuna.web.know.alerts.wording import number_of
from kizuna.web.know.profiles.queries import is_known

__all__ = ["be_away", "be_back", "set_minutes", "time"]


@requires(Role.VIEWER)
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """List tasks: what waits in its order, what is put off, what has ended."""
    person = person_of(request)
    asked = chosen(request.GET.get("whose"), queries.WHOSE)
    offered = queries.STATES if person.may(Role.MANAGER) else queries.STATES[:-1]
    state = chosen(request.GET.get("state"), offered)
    shown: dict[str, Any] = {
        "asked": asked,
        "state": state,
        "tabs": wording.whose_tabs(queries.counts(person), asked, state),
        "state_tabs": wording.state_tabs(asked, state, person),
        "may_change": person.may(Role.MEMBER),
    }
    if state == "open":
        found = queries.queue(person, asked)
        shown |= {"queue": found, "lines": wording.lines(found), "explain": wording.explained()}
        shown["assign"] = AssignForm() if person.may(Role.MEMBER) else None
    else:
        page = queries.others(person, asked, state, number_of(request.GET.get("page")))
        shown |= {"page": page, "rows": [(task, *wording.ended(task)) for task in page.object_list]}
    return render(request, "tasks/queue.html", shown)


@requires(Role.MEMBER)
def add(request: HttpRequest) -> HttpResponse:
    """Open a task by hand, or from an alert."""
    person = person_of(request)
    start = presets.start(person, request.GET.get("id", ""), request.GET.get("alert", ""))
    if start is None or not is_known(start.customer_id):
        raise Http404
    form = TaskForm(request.POST or None, initial=start.initial)
    if request.method == "POST" and form.is_valid():
        said = {k: v for k, v in form.cleaned_data.items() if k not in {"must", "version"}}
        said |= {"is_optional": not form.cleaned_data["must"], "alert": start.alert}
        try:
            made = services.add(
                actor=person, customer_id=start.customer_id, request=request, **said
            )
        except services.ControlGroupError:
            form.add_error("must", presets.in_control_group())
        else:
            return redirect("tasks:one", made.pk)
    status = 422 if form.errors else 200
    return render(request, "tasks/edit.html", {"form": form, "start": start}, status=status)


@requires(Role.VIEWER)
@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a task, what was written at it, and what may be done."""
    return _shown(request, _task(request, pk))


@requires(Role.MEMBER)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what a task says, whose it is and when it is due."""
    task = _task(request, pk)
    form = TaskForm(request.POST or None, task=task, initial=presets.of_task(task))
    if request.method != "POST" or not form.is_valid():
        return _edit(request, task, form, 422 if form.errors else 200)
    said = dict(form.cleaned_data)
    version = said.pop("version") or 0
    try:
        services.change(
            actor=person_of(request), task_id=pk, version=version, said=said, request=request
        )
    except services.ChangedMeanwhileError:
        return _edit(request, task, form, 409)
    except services.EndedError:
        messages.warning(request, _("The task has ended already."))
    return redirect("tasks:one", pk)


@requires(Role.MEMBER)
@require_POST
def finish(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what came of a task."""
    task = _task(request, pk)
    form = FinishForm(request.POST, task=task)
    if not form.is_valid():
        return _shown(request, task, finish_form=form, status=422)
    services.finish(actor=person_of(request), task=task, request=request, **form.cleaned_data)
    messages.success(request, _("The task has ended."))
    return redirect("tasks:queue")


@requires(Role.MEMBER)
@require_POST
def snooze(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a task off."""
    task, form = _task(request, pk), SnoozeForm(request.POST)
    if not form.is_valid():
        return _shown(request, task, snooze_form=form, status=422)
    return _done(request, services.snooze, pk, **form.cleaned_data)


@requires(Role.MEMBER)
@require_POST
def wake(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a task back into sight."""
    return _done(request, services.wake, pk)


@requires(Role.MEMBER)
@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a task oneself."""
    person = person_of(request)
    services.assign(actor=person, task_ids=[_task(request, pk).pk], owner=person, request=request)
    return redirect("tasks:one", pk)


@requires(Role.MEMBER)
@require_POST
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Write at a task."""
    task, form = _task(request, pk), CommentForm(request.POST)
    if not form.is_valid():
        return _shown(request, task, comment_form=form, status=422)
    text = form.cleaned_data["text"]
    services.comment(actor=person_of(request), task_id=pk, text=text, request=request)
    return redirect("tasks:one", pk)


@requires(Role.MEMBER)
@require_POST
def assign(request: HttpRequest) -> HttpResponse:
    """Hand over the tasks that were ticked."""
    form = AssignForm(request.POST)
    if not form.is_valid():
        messages.warning(request, _("Tick the tasks to hand over first."))
        return redirect("tasks:queue")
    said = form.cleaned_data
    count = services.assign(
        actor=person_of(request), task_ids=said["id"], owner=said["owner"], request=request
    )
    text = ngettext("%(n)s task changed hands.", "%(n)s tasks changed hands.", count)
    messages.success(request, text % {"n": count})
    return redirect("tasks:queue")


def _done(request: HttpRequest, service: Any, pk: int, **said: Any) -> HttpResponse:
    _task(request, pk)
    try:
        service(actor=person_of(request), task_id=pk, request=request, **said)
    except services.EndedError:
        messages.warning(request, _("The task has ended already."))
    return redirect("tasks:one", pk)


def _shown(request: HttpRequest, task: Task, status: int = 200, **forms: Any) -> HttpResponse:
    person = person_of(request)
    shown = {
        "task": task,
        "told": presets.told(task),
        "comments": queries.comments_on(task),
        "may_do": task.state == "open" and services.may_do(person, task),
        "may_comment": person.may(Role.MEMBER),
        "is_mine": task.owner_id == person.pk,
        "finish_form": FinishForm(task=task),
        "snooze_form": SnoozeForm(),
        "comment_form": CommentForm(),
        **forms,
    }
    return render(request, "tasks/one.html", shown, status=status)


def _edit(request: HttpRequest, task: Task, form: TaskForm, status: int) -> HttpResponse:
    conflict = status == 409
    if conflict:
        given = request.POST.copy()
        given["version"] = str(task.version)
        form.data = given
    shown = {"form": form, "task": task, "conflict": conflict}
    return render(request, "tasks/edit.html", shown, status=status)


def _task(request: HttpRequest, pk: int) -> Task:
    found = queries.one(person_of(request), pk)
    if found is None:
        raise Http404
    return found
