"""The kinds of steps that lead the way or need no other app, and those of the apps beside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from kizuna.web.accounts.models import Person
from kizuna.web.accounts.services import audit
from kizuna.web.act.actions.models import Kind
from kizuna.web.act.actions.services import record_deed
from kizuna.web.act.playbooks.findings import Finding
from kizuna.web.act.playbooks.hours import hour, whole
from kizuna.web.act.playbooks.plan import Step
from kizuna.web.act.playbooks.steps import Doing, Expected, Field, StepError, StepKind, register
from kizuna.web.act.tasks.services import open_task
from kizuna.web.act.webhooks.services import tell, wants
from kizuna.web.know.profiles.models import Field as OwnField
from kizuna.web.know.profiles.models import FieldValue
from kizuna.web.know.profiles.queries import column_of
from kizuna.web.know.profiles.services import details, tags

TOPIC = "playbook.step"
USUAL_MINUTES = 15
DURATIONS = ("days", "hours", "minutes", "business_days")

CHANGES = (
    ("add_tag", gettext_lazy("Put a tag on")),
    ("remove_tag", gettext_lazy("Take a tag off")),
    ("owner", gettext_lazy("Give an owner (e-mail address)")),
    ("field", gettext_lazy("Fill in a field of your own")),
)
WHOSE = (
    ("business", gettext_lazy("Hours of your company")),
    ("recipient", gettext_lazy("Hours where the customer lives")),
)


def ready() -> None:
    """Register the kinds of this app, and those of the apps that playbooks call."""
    for kind in (WAIT, HOURS, BRANCH, GO_TO, END, UPDATE, WEBHOOK, TASK):
        register(kind)


def _waits(values: Mapping[str, Any]) -> str:
    words = {
        "days": lambda n: ngettext("%(n)s day", "%(n)s days", n),
        "hours": lambda n: ngettext("%(n)s hour", "%(n)s hours", n),
        "minutes": lambda n: ngettext("%(n)s minute", "%(n)s minutes", n),
        "business_days": lambda n: ngettext("%(n)s business day", "%(n)s business days", n),
    }
    said = [
        words[name](int(whole(values.get(name)) + 0.999)) % {"n": f"{whole(values[name]):g}"}
        for name in DURATIONS
        if whole(values.get(name))
    ]
    return _("Wait %(time)s") % {"time": _(", ").join(said) or "0"}


def _wait_check(step: Step) -> Iterator[Finding]:
    given = [name for name in DURATIONS if step.values.get(name) not in (None, "")]
    wrong = [name for name in given if whole(step.values[name]) <= 0 and step.values[name] != 0]
    for name in wrong:
        yield Finding(_("“%(value)s” is no length of time.") % {"value": step.values[name]},
                      (*step.path, name))  # fmt: skip
    if not wrong and not any(whole(step.values.get(name)) for name in DURATIONS):
        yield Finding(_("This wait has no length: say how many days or hours."), step.path)


def _hours_check(step: Step) -> Iterator[Finding]:
    for name in ("from", "to"):
        said = step.values.get(name)
        if said not in (None, "") and hour(said, None) is None:
            yield Finding(_("“%(value)s” is no time of day; write it as 9:30.") % {"value": said},
                          (*step.path, name))  # fmt: skip
    opens, closes = (hour(step.values.get(name), None) for name in ("from", "to"))
    if opens is not None and closes is not None and closes <= opens:
        yield Finding(_("These hours end before they begin."), (*step.path, "to"))


def _update_check(step: Step) -> Iterator[Finding]:
    what, value = step.values.get("what"), str(step.values.get("value", "")).strip()
    if what == "owner" and value and not _owner(value):
        yield Finding(_("Nobody signs in with “%(value)s”.") % {"value": value},
                      (*step.path, "value"))  # fmt: skip
    if what == "field":
        name = str(step.values.get("field", ""))
        own = _own_field(name)
        if own is None:
            said = _("There is no field of your own called “%(name)s”.") % {"name": name}
            yield Finding(said, (*step.path, "field"))
        elif _plain(own, value) is None:
            yield Finding(_("“%(value)s” does not fit this field.") % {"value": value},
                          (*step.path, "value"))  # fmt: skip


def _updates(values: Mapping[str, Any]) -> str:
    words = {
        "add_tag": _("Put the tag “%(value)s” on the customer"),
        "remove_tag": _("Take the tag “%(value)s” off the customer"),
        "owner": _("Make %(value)s the owner"),
        "field": _("Set “%(field)s” to “%(value)s”"),
    }
    said = words.get(str(values.get("what")), _("Change the customer"))
    return said % {"value": values.get("value", ""), "field": values.get("field", "")}


def _update(doing: Doing) -> str:
    values, who = doing.step.values, doing.customer_id
    what, value = values.get("what"), str(values.get("value", "")).strip()
    if what == "add_tag":
        tags.put(tag=tags.tag_named(value), customer_ids=[who])
    elif what == "remove_tag":
        tags.take(tag=tags.tag_named(value), customer_ids=[who])
    elif what == "owner":
        _give_owner(doing, value)
    else:
        _fill(str(values.get("field", "")), who, value)
    said = _updates(values)
    target = f"customer {who}"
    after = {"playbook": doing.enrolment.playbook_id, "step": doing.step.id, "what": what}
    audit(actor=None, action="act.playbook.customer_changed", target=target, after=after)
    return said


def _give_owner(doing: Doing, mail: str) -> None:
    owner, actor = _owner(mail), doing.enrolment.version.by
    if owner is None or actor is None:
        raise StepError(_("Nobody signs in with “%(value)s”.") % {"value": mail})
    details.give_owner(actor=actor, customer_ids=[doing.customer_id], owner=owner)


def _fill(name: str, customer_id: str, value: str) -> None:
    own = _own_field(name)
    plain = None if own is None else _plain(own, value)
    if own is None or plain is None:
        raise StepError(_("There is no field of your own called “%(name)s”.") % {"name": name})
    FieldValue.objects.update_or_create(
        customer_id=customer_id, field=own, defaults={column_of(own): plain}
    )


def _owner(mail: str) -> Person | None:
    return Person.objects.filter(email=mail.lower(), is_active=True).first()


def _own_field(name: str) -> OwnField | None:
    return OwnField.objects.filter(name=name, archived_at=None).first()


def _plain(own: OwnField, value: str) -> Any:
    """Give what a field keeps of a text; None where it does not fit."""
    try:
        if own.kind == "number":
            return float(value)
        if own.kind == "date":
            return date.fromisoformat(value)
    except ValueError:
        return None
    fits = own.kind != "choice" or value in own.choices
    return value[:1000] if value and fits else None


def _webhook_check(step: Step) -> Iterator[Finding]:
    if not wants(TOPIC):
        said = _("No endpoint wants to be told of steps of playbooks: nobody would be called.")
        yield Finding(said, step.path, is_error=False)


def _webhook(doing: Doing) -> str:
    playbook = doing.enrolment.playbook
    data = {
        "playbook": playbook.action.name,
        "step": doing.step.id,
        "message": str(doing.step.values.get("message", "")),
        "customer_id": doing.customer_id,
        "entered_at": doing.enrolment.entered_at,
    }
    told = tell(topic=TOPIC, key=doing.key, data=data)
    record_deed(
        key=doing.key,
        action=playbook.action,
        customer_id=doing.customer_id,
        kind=Kind.WEBHOOK,
        at=doing.at,
    )
    return "" if told else _("nobody wanted to be told")


def _task(doing: Doing) -> str:
    values, playbook = doing.step.values, doing.enrolment.playbook
    mail = str(values.get("owner") or "")
    open_task(
        key=doing.key,
        customer_id=doing.customer_id,
        title=str(values["title"]),
        body=str(values.get("body") or ""),
        action=playbook.action,
        owner=_owner(mail) if mail else None,
        due_in=int(whole(values.get("due_in")) or 1),
        at=doing.at,
        play=playbook.action.name,
        planned_minutes=int(whole(values.get("minutes")) or USUAL_MINUTES),
    )
    return ""


def _task_check(step: Step) -> Iterator[Finding]:
    mail = str(step.values.get("owner") or "")
    if mail and _owner(mail) is None:
        yield Finding(_("Nobody signs in with “%(value)s”.") % {"value": mail},
                      (*step.path, "owner"))  # fmt: skip


def _people() -> Sequence[tuple[str, str]]:
    known = Person.objects.filter(is_active=True).order_by("name")
    owner = ("", _("Whoever looks after the customer"))
    return [owner, *((person.email, person.name) for person in known)]


WAIT = StepKind(
    name="wait",
    label=pgettext_lazy("step", "Wait"),
    fields=(
        Field("days", gettext_lazy("Days"), "number", required=False, least=0),
        Field("business_days", gettext_lazy("Business days"), "number", required=False, least=0),
        Field("hours", gettext_lazy("Hours"), "number", required=False, least=0),
        Field("minutes", gettext_lazy("Minutes"), "number", required=False, least=0),
    ),
    says=_waits,
    check=_wait_check,
    icon="clock",
)
HOURS = StepKind(
    name="wait_until_hours",
    label=gettext_lazy("Wait for business hours"),
    fields=(
        Field("whose", gettext_lazy("Whose hours"), "choice", choices=lambda: WHOSE),
        Field("from", gettext_lazy("From (9:00)"), required=False),
        Field("to", gettext_lazy("Until (18:00)"), required=False),
    ),
    says=lambda values: (
        _("Wait until it is between %(from)s and %(to)s on a business day")
        % {"from": values.get("from") or "9:00", "to": values.get("to") or "18:00"}
    ),
    check=_hours_check,
    icon="clock",
)
BRANCH = StepKind(
    name="branch",
    label=gettext_lazy("Decide by what is known"),
    fields=(Field("if", gettext_lazy("Does this hold of the customer?"), "rule"),),
    says=lambda values: _("If %(rule)s") % {"rule": values.get("if", "")},
    icon="right",
)
GO_TO = StepKind(
    name="go_to",
    label=gettext_lazy("Go back to a step"),
    fields=(
        Field(
            "step",
            gettext_lazy("Step"),
            help=gettext_lazy("The name of the step, as shown beside it."),
        ),
        Field("at_most", gettext_lazy("At most so many times"), "number", least=1),
    ),
    says=lambda values: (
        _("Go to step “%(step)s”, at most %(n)s times")
        % {"step": values.get("step", ""), "n": values.get("at_most", 1)}
    ),
    icon="runs",
)
END = StepKind(
    name="end",
    label=gettext_lazy("End here"),
    fields=(),
    says=lambda values: _("End the playbook here"),
    icon="check",
)
UPDATE = StepKind(
    name="update",
    label=gettext_lazy("Change a tag, the owner or a field"),
    fields=(
        Field("what", gettext_lazy("What to change"), "choice", choices=lambda: CHANGES),
        Field("field", gettext_lazy("Name of the field of your own"), required=False),
        Field("value", gettext_lazy("To what")),
    ),
    says=_updates,
    check=_update_check,
    run=_update,
    icon="tag",
)
WEBHOOK = StepKind(
    name="webhook",
    label=gettext_lazy("Call another program"),
    fields=(
        Field(
            "message",
            gettext_lazy("What it is told"),
            help=gettext_lazy("Sent to each endpoint that wants to know of steps of playbooks."),
        ),
    ),
    says=lambda values: (
        _("Tell other programs “%(message)s”") % {"message": values.get("message", "")}
    ),
    check=_webhook_check,
    run=_webhook,
    expects=lambda values: Expected(units=1),
    icon="export",
)
TASK = StepKind(
    name="task",
    label=gettext_lazy("Give somebody a task"),
    fields=(
        Field("title", gettext_lazy("What is to be done")),
        Field("body", gettext_lazy("How, and what to know"), "long", required=False),
        Field("owner", gettext_lazy("For whom"), "choice", required=False, choices=_people),
        Field("due_in", gettext_lazy("Due in business days"), "number", required=False, least=1),
        Field("minutes", gettext_lazy("Minutes it will take"), "number", required=False, least=1),
    ),
    says=lambda values: _("Task: %(title)s") % {"title": values.get("title", "")},
    check=_task_check,
    run=_task,
    expects=lambda values: Expected(minutes=whole(values.get("minutes")) or USUAL_MINUTES, units=0),
    icon="check",
)
