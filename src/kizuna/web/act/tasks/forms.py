"""What people fill in about tasks and about their working time."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kizuna.web.accounts.models import Person
from kizuna.web.act.tasks.days import today
from kizuna.web.act.tasks.models import LONGEST_MINUTES, USUAL_MINUTES, Absence, Outcome, Task
from kizuna.web.know.notes.models import LONGEST

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
LONGEST_BODY = 5_000


def workers() -> Any:
    """Give the people who may do tasks."""
    working = Person.objects.filter(is_active=True).exclude(role="viewer")
    return working.order_by("name", "pk")


class TaskForm(forms.Form):
    """A task, opened or changed by hand."""

    title = forms.CharField(label=_("What is to be done"), max_length=200)
    body = forms.CharField(
        label=_("Why, and how"),
        max_length=LONGEST_BODY,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
    owner = forms.ModelChoiceField(
        Person.objects.none(), label=_("Who does it"), required=False, empty_label=_("whoever can")
    )
    cover = forms.ModelChoiceField(
        Person.objects.none(),
        label=_("Who stands in while they are away"),
        required=False,
        empty_label=_("whom they named"),
    )
    due_on = forms.DateField(label=_("Due on"), widget=DATE)
    planned_minutes = forms.IntegerField(
        label=_("Minutes it will take"), min_value=1, max_value=LONGEST_MINUTES
    )
    must = forms.BooleanField(
        label=_("It has to be done: a promise, a fault, a duty"),
        required=False,
        help_text=_(
            "It then also reaches customers of the control group, whom nothing optional reaches."
        ),
    )
    version = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, task: Task | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.task = task
        self.fields["owner"].queryset = workers()  # type: ignore[attr-defined]
        self.fields["cover"].queryset = workers()  # type: ignore[attr-defined]
        if task is None:
            del self.fields["cover"]
            self.fields["planned_minutes"].initial = USUAL_MINUTES
        else:
            del self.fields["must"]

    def clean(self) -> dict[str, Any]:
        """Refuse a stand-in for nobody, and one for herself."""
        said = super().clean() or {}
        cover, owner = said.get("cover"), said.get("owner")
        if cover is not None and (owner is None or cover == owner):
            self.add_error("cover", _("Choose somebody else than who does it, or nobody."))
        return said


class FinishForm(forms.Form):
    """What came of a task, and how long it took."""

    outcome = forms.ChoiceField(
        label=_("What came of it"), choices=Outcome.choices, widget=forms.RadioSelect
    )
    minutes = forms.IntegerField(
        label=_("Minutes it took"),
        min_value=0,
        max_value=LONGEST_MINUTES,
        help_text=_("They count as the cost of what was done."),
    )
    text = forms.CharField(
        label=_("What is good to know later"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=_("It is kept as a note on the customer. @ and a name tells that person."),
    )
    also_alert = forms.BooleanField(
        label=_("The alert is taken care of too"), required=False, initial=True
    )

    def __init__(self, *args: Any, task: Task, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["minutes"].initial = task.planned_minutes
        if task.alert is None or task.alert.state != "open":
            del self.fields["also_alert"]


class CommentForm(forms.Form):
    """Something written at a task."""

    text = forms.CharField(
        label=_("Comment"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=_("Write @ and a name, and that person finds the note among their mentions."),
    )


class SnoozeForm(forms.Form):
    """Until when a task is out of sight."""

    until_on = forms.DateField(label=_("Comes back"), widget=DATE)


class AssignForm(forms.Form):
    """Which tasks go to whom."""

    id = forms.TypedMultipleChoiceField(coerce=int, required=True)
    owner = forms.ModelChoiceField(
        Person.objects.none(), label=_("Hand over to"), required=False, empty_label=_("nobody yet")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = workers()  # type: ignore[attr-defined]
        given = self.data.getlist("id") if hasattr(self.data, "getlist") else []
        numbers = [text for text in given if text.isascii() and text.isdigit() and len(text) < 19]
        self.fields["id"].choices = [(n, n) for n in numbers]  # type: ignore[attr-defined]


class MinutesForm(forms.Form):
    """How much time there is for tasks."""

    minutes_a_day = forms.IntegerField(
        label=_("Minutes a day for tasks"),
        min_value=0,
        max_value=LONGEST_MINUTES,
        help_text=_("Without meetings and other work. Your queue is cut into days by it."),
    )


class AbsenceForm(forms.Form):
    """Days away, and who stands in."""

    cover = forms.ModelChoiceField(Person.objects.none(), label=_("Who stands in"))
    from_on = forms.DateField(label=_("First day away"), widget=DATE)
    until_on = forms.DateField(label=_("Last day away"), widget=DATE)

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        others = workers().exclude(pk=person.pk)
        self.fields["cover"].queryset = others  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse days that are over, that run backwards, and a stand-in who is away herself."""
        said = super().clean() or {}
        first, last, cover = (said.get(name) for name in ("from_on", "until_on", "cover"))
        if first and last and last < first:
            self.add_error("until_on", _("The last day lies before the first."))
        elif last and last < today():
            self.add_error("until_on", _("These days are over."))
        elif first and last and cover and _is_away(cover, first, last):
            self.add_error("cover", _("This person is away on some of these days too."))
        return said


def _is_away(person: Person, first: Any, last: Any) -> bool:
    away = Absence.objects.filter(person=person, from_on__lte=last, until_on__gte=first)
    return bool(away.exists())
