"""What people fill in about renewals."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kizuna.web.act.messages.models import Template
from kizuna.web.act.renewals import queries
from kizuna.web.act.renewals.models import MOST_DAYS, Ladder, LossReason, State
from kizuna.web.act.renewals.services.setting_up import names_of
from kizuna.web.know.segments.queries import segments

MOST_CHECKPOINTS = 12
LONGEST = 5_000
AREA = forms.Textarea(attrs={"rows": 3, "dir": "auto"})


class JudgementForm(forms.Form):
    """How likely a renewal is."""

    percent = forms.IntegerField(label=_("How likely is it, in %?"), min_value=0, max_value=100)
    committed = forms.BooleanField(
        label=_("I stand for it: it counts as committed in the forecast"), required=False
    )
    text = forms.CharField(
        label=_("What makes you think so"), max_length=LONGEST, required=False, widget=AREA
    )

    def __init__(
        self, *args: Any, model: float | None = None, difference: float = 1.0, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.model, self.difference = model, difference

    def clean(self) -> dict[str, Any]:
        """Ask for a reason where the data says something else; commit to what is likely alone."""
        said = super().clean() or {}
        percent = said.get("percent")
        if percent is None:
            return said
        far = self.model is not None and abs(percent / 100 - self.model) > self.difference
        if far and not said.get("text"):
            self.add_error("text", _("The data says otherwise: say what you know and it does not."))
        if said.get("committed") and percent < 50:
            self.add_error("committed", _("What is less likely than not cannot be committed."))
        return said


class SettleForm(forms.Form):
    """What became of a renewal."""

    state = forms.ChoiceField(
        label=_("What became of it"),
        choices=[(State.RENEWED, State.RENEWED.label), (State.LOST, State.LOST.label)],
        widget=forms.RadioSelect,
    )
    reason = forms.ModelChoiceField(
        LossReason.objects.none(),
        label=_("Why it was lost"),
        required=False,
        empty_label=_("not lost"),
    )
    text = forms.CharField(
        label=_("In their words"), max_length=LONGEST, required=False, widget=AREA
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = LossReason.objects.filter(archived_at=None).order_by("name")
        self.fields["reason"].queryset = offered  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for the reason of a loss."""
        said = super().clean() or {}
        if said.get("state") == State.LOST and said.get("reason") is None:
            self.add_error("reason", _("Choose why it was lost."))
        return said


class AnswerForm(forms.Form):
    """What a manager says to an escalation."""

    text = forms.CharField(label=_("What follows from it"), max_length=LONGEST, widget=AREA)


class LadderForm(forms.Form):
    """When people must speak, and how far apart they and the data may be."""

    checkpoints = forms.CharField(
        label=_("Check-points: business days before the deadline, with commas"),
        max_length=100,
        help_text=_("By each of them whoever looks after the customer must say how likely it is."),
    )
    percent = forms.IntegerField(
        label=_(
            "Tell managers where a person and the data differ by more than this, in points of %"
        ),
        min_value=1,
        max_value=100,
    )
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def clean_checkpoints(self) -> list[int]:
        """Read the days."""
        parts = [
            p for p in self.cleaned_data["checkpoints"].replace("、", ",").split(",") if p.strip()
        ]
        try:
            days = [int(part) for part in parts]
        except ValueError:
            raise forms.ValidationError(
                _("Write whole numbers with commas, such as 60, 30, 10.")
            ) from None
        if not days or len(days) > MOST_CHECKPOINTS or not all(0 <= d <= MOST_DAYS for d in days):
            raise forms.ValidationError(
                _("Write one to %(most)s numbers from 0 to %(days)s."),
                params={"most": MOST_CHECKPOINTS, "days": MOST_DAYS},
            )
        return days


class ForWhomForm(forms.Form):
    """For which contracts a ladder is."""

    name = forms.CharField(label=_("Name"), max_length=100)
    products = forms.CharField(
        label=_("Products or plans"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "Enterprise*"}),
        help_text=_("As in the contracts, one a line; * is anything. Empty: whichever."),
    )
    segment = forms.TypedChoiceField(label=_("Segment"), required=False, coerce=int)
    position = forms.IntegerField(
        label=_("Place in the order"),
        min_value=1,
        max_value=99,
        initial=1,
        help_text=_("The first ladder that fits a contract is its own."),
    )

    def __init__(self, *args: Any, number: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.number = number
        offered = [(one.pk, one.name) for one in segments()]
        self.fields["segment"].choices = [("", _("whichever")), *offered]  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        """Refuse a name that another ladder has."""
        name: str = self.cleaned_data["name"]
        names = names_of(name) if self.number is None else ()
        if queries.is_taken(name, names, self.number):
            raise forms.ValidationError(_("Another ladder has this name."))
        return name

    def clean(self) -> dict[str, Any]:
        """Ask for a condition: for all others there is a ladder."""
        said = super().clean() or {}
        given = [line for line in said.get("products", "").splitlines() if line.strip()]
        said["products"] = "\n".join(line.strip() for line in given)
        chosen = next((one for one in segments() if one.pk == said.get("segment")), None)
        said["segment"] = chosen
        if not given and chosen is None and "segment" not in self.errors:
            self.add_error("products", _("Say for which products, or for which segment."))
        return said


class RungForm(forms.Form):
    """A rung of the ladder."""

    days_before = forms.IntegerField(
        label=_("Business days before the deadline"), min_value=0, max_value=MOST_DAYS
    )
    title = forms.CharField(label=_("What is to be done"), max_length=200)
    body = forms.CharField(label=_("Why, and how"), max_length=LONGEST, required=False, widget=AREA)
    is_duty = forms.BooleanField(
        label=_("Law or contract asks for it"),
        required=False,
        help_text=_("A duty holds nobody out, and reaches everybody."),
    )
    opens_task = forms.BooleanField(label=_("A person does it"), required=False, initial=True)
    planned_minutes = forms.IntegerField(
        label=_("Minutes it will take"), min_value=1, max_value=480, initial=30
    )
    template = forms.ModelChoiceField(
        Template.objects.none(),
        label=_("Message that is sent"),
        required=False,
        empty_label=_("none"),
        help_text=_("It goes through the contact gate, as all messages do."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        written = Template.objects.filter(retired_at=None, version__gt=0).order_by("name")
        self.fields["template"].queryset = written  # type: ignore[attr-defined]
        self.fields["template"].label_from_instance = lambda one: one.name  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse a rung that does nothing."""
        said = super().clean() or {}
        if not said.get("opens_task") and said.get("template") is None:
            self.add_error("template", _("Choose a message, or have a person do it."))
        return said


class ReasonForm(forms.Form):
    """A reason for loss."""

    name = forms.CharField(label=_("Reason"), max_length=120)


def for_whom_initial(found: Ladder) -> dict[str, Any]:
    """Give what a form on a ladder begins with."""
    said = {name: getattr(found, name) for name in ("name", "products", "position")}
    return said | {"segment": found.segment_id}
