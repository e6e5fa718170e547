"""The step that asks somebody else, where what was to be done for a customer is not done yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kizuna.web.accounts.models import Person, Role
from kizuna.web.act.playbooks.findings import Finding
from kizuna.web.act.playbooks.hours import whole
from kizuna.web.act.playbooks.plan import Step
from kizuna.web.act.playbooks.steps import Doing, Expected, Field, StepError, StepKind, register
from kizuna.web.act.tasks.models import State, Task
from kizuna.web.act.tasks.services import open_task

USUAL_MINUTES = 15
NOT_DONE, ALWAYS = "not_done", "always"
WHEN = (
    (NOT_DONE, gettext_lazy("Only while a task of this playbook is not done")),
    (ALWAYS, gettext_lazy("In any case")),
)
MOST_NAMED = 5


def ready() -> None:
    """Register the kind."""
    register(ESCALATE)


def _escalate(doing: Doing) -> str:
    """Open a task for whoever answers for it, with what is left undone."""
    values = doing.step.values
    undone = _undone(doing)
    if not undone and values.get("when") != ALWAYS:
        return _("everything had been done")
    open_task(
        key=doing.key,
        customer_id=doing.customer_id,
        title=_title(values, undone),
        body="\n".join(_line(task) for task in undone[:MOST_NAMED]),
        action=doing.enrolment.playbook.action,
        owner=_whom(doing),
        due_in=int(whole(values.get("due_in")) or 1),
        at=doing.at,
        play=doing.enrolment.playbook.action.name,
        planned_minutes=int(whole(values.get("minutes")) or USUAL_MINUTES),
    )
    return ""


def _undone(doing: Doing) -> list[Task]:
    """Give the tasks of this enrolment that are open still."""
    mine = Task.objects.filter(key__startswith=f"playbook:{doing.enrolment.pk}:", state=State.OPEN)
    return list(mine.select_related("owner").order_by("due_on", "pk"))


def _title(values: Mapping[str, Any], undone: Sequence[Task]) -> str:
    said = str(values.get("title") or "").strip()
    if said:
        return said
    if undone:
        return _("Not done yet: %(title)s") % {"title": undone[0].title}
    return _("Look after this customer yourself")


def _line(task: Task) -> str:
    owner = task.owner.name if task.owner else _("no owner")
    said = _("%(title)s: with %(owner)s, due on %(day)s")
    return said % {"title": task.title, "owner": owner, "day": task.due_on.isoformat()}


def _whom(doing: Doing) -> Person:
    """Give who is asked: the one named, or whoever answers for the playbook, or any manager."""
    mail = str(doing.step.values.get("to") or "")
    found = _named(mail) if mail else _answering(doing.enrolment.playbook.action.owner)
    if found is None:
        raise StepError(_("Nobody who may decide signs in with “%(value)s”.") % {"value": mail})
    return found


def _named(mail: str) -> Person | None:
    return _managers().get(mail.lower())


def _answering(owner: Person | None) -> Person | None:
    if owner is not None and owner.is_active and owner.may(Role.MANAGER):
        return owner
    return next(iter(_managers().values()), None)


def _managers() -> dict[str, Person]:
    """Give who may decide by address, managers before the owner."""
    kept = Person.objects.filter(is_active=True, role__in=[Role.MANAGER, Role.OWNER])
    return {person.email: person for person in kept.order_by("role", "name", "pk")}


def _check(step: Step) -> Iterator[Finding]:
    mail = str(step.values.get("to") or "")
    if mail and _named(mail) is None:
        said = _("Nobody who may decide signs in with “%(value)s”.") % {"value": mail}
        yield Finding(said, (*step.path, "to"))


def _people() -> Sequence[tuple[str, str]]:
    answers = ("", _("Whoever answers for this playbook"))
    return [answers, *((mail, person.name) for mail, person in _managers().items())]


def _says(values: Mapping[str, Any]) -> str:
    mail = str(values.get("to") or "")
    person = _named(mail) if mail else None
    who = person.name if person else mail or _("whoever answers for this playbook")
    if values.get("when") == ALWAYS:
        return _("Escalate to %(who)s") % {"who": who}
    return _("Escalate to %(who)s if a task is not done yet") % {"who": who}


ESCALATE = StepKind(
    name="escalate",
    label=gettext_lazy("Escalate"),
    fields=(
        Field("to", gettext_lazy("Escalate to whom"), "choice", required=False, choices=_people),
        Field(
            "when", gettext_lazy("In which case"), "choice", required=False, choices=lambda: WHEN
        ),
        Field(
            "title",
            gettext_lazy("What they are asked to do"),
            required=False,
            help=gettext_lazy("Empty: what was not done."),
        ),
        Field("due_in", gettext_lazy("Due in business days"), "number", required=False, least=1),
        Field("minutes", gettext_lazy("Minutes it will take"), "number", required=False, least=1),
    ),
    says=_says,
    check=_check,
    run=_escalate,
    expects=lambda values: Expected(minutes=whole(values.get("minutes")) or USUAL_MINUTES),
    icon="bell",
)
