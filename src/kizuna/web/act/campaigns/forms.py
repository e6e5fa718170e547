"""What people say about a campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kizuna.pipeline.parameters import minor_units
from kizuna.web.act.actions.amounts import close_until_known
from kizuna.web.act.actions.models import MOST_HELD_OUT, Action
from kizuna.web.act.campaigns.models import Campaign
from kizuna.web.act.campaigns.queries import choices
from kizuna.web.act.campaigns.services import Message, Said
from kizuna.web.act.messages.queries import usable
from kizuna.web.know.publications.queries import published

STEPS = 4
if TYPE_CHECKING:
    Choice = forms.ModelChoiceField[Any]
else:
    Choice = forms.ModelChoiceField
HOUR = [(h * 60, f"{h:02}:00") for h in range(25)]


class ByName(Choice):
    """A choice among things that have names."""

    def label_from_instance(self, obj: Any) -> str:
        """Show the name alone."""
        return str(obj.name)


class CampaignForm(forms.Form):
    """A campaign with its steps."""

    name = forms.CharField(label=_("Name"), max_length=200)
    purpose = forms.CharField(
        label=_("What it is for"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    segment = ByName(label=_("Audience"), queryset=None, required=False, empty_label=_("Everyone"))
    holdout = forms.FloatField(
        label=_("Share held out, %"), min_value=0, max_value=100 * MOST_HELD_OUT, initial=10,
        help_text=_("By chance, so many get nothing: only so can be known what the rest earned."),
    )  # fmt: skip
    cost_per_unit = forms.FloatField(
        label=_("Cost of one message"), min_value=0, required=False, initial=0,
        help_text=_("Postage, or what the provider charges; in the currency of the figures."),
    )  # fmt: skip
    worth = forms.FloatField(
        label=_("Smallest effect that matters, per customer"), min_value=0, required=False,
        help_text=_("In margin. Less than this would not change what you do; by it the number of "
                    "customers needed is computed. Left empty, it has to earn its cost."),
    )  # fmt: skip
    horizon_days = forms.IntegerField(
        label=_("Days that count"), min_value=1, max_value=3650, initial=90,
        help_text=_("From the day a customer is placed; what she brings in within them counts."),
    )  # fmt: skip
    starts_at = forms.DateTimeField(
        label=_("Not before"), required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M"],
    )  # fmt: skip
    open_from = forms.TypedChoiceField(
        label=_("From, where the customer lives"), choices=HOUR[:-1], coerce=int, initial=600
    )
    open_until = forms.TypedChoiceField(
        label=_("Until, where the customer lives"), choices=HOUR[1:], coerce=int, initial=1140
    )
    stops_on_order = forms.BooleanField(
        label=_("End it for whoever has bought since it began"), required=False
    )

    def __init__(self, *args: Any, found: Campaign | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found = found
        close_until_known(self, ("cost_per_unit", "worth"), _currency())
        self.fields["segment"].queryset = choices()  # type: ignore[attr-defined]
        for number in range(1, STEPS + 1):
            self.fields[f"template_{number}"] = ByName(
                label=_("Template"), queryset=usable(), required=number == 1, empty_label="–"
            )
            self.fields[f"beside_{number}"] = ByName(
                label=_("Another one to try beside it, half and half"),
                queryset=usable(), required=False, empty_label="–",
            )  # fmt: skip
            if number > 1:
                self.fields[f"wait_{number}"] = forms.IntegerField(
                    label=_("Days after the former one"), min_value=1, max_value=365, initial=3,
                    required=False,
                )  # fmt: skip

    @property
    def of_campaign(self) -> list[forms.BoundField]:
        """The fields that are of no step."""
        return [self[name] for name in self.declared_fields]

    @property
    def of_steps(self) -> list[tuple[int, list[forms.BoundField]]]:
        """The fields of each step."""
        names = [[n for n in (f"wait_{i}", f"template_{i}", f"beside_{i}") if n in self.fields]
                 for i in range(1, STEPS + 1)]  # fmt: skip
        return [(i, [self[name] for name in some]) for i, some in enumerate(names, 1)]

    def clean_name(self) -> str:
        """Refuse a name that another action has."""
        name: str = self.cleaned_data["name"]
        others = Action.objects.filter(name=name)
        if self.found is not None:
            others = others.exclude(pk=self.found.action_id)
        if others.exists():
            raise forms.ValidationError(_("Another action has this name."))
        return name

    def clean(self) -> dict[str, Any]:
        """Hours begin before they end; steps follow one another."""
        said = super().clean() or self.cleaned_data
        if {"open_from", "open_until"} <= set(said) and said["open_from"] >= said["open_until"]:
            self.add_error("open_until", _("The hours end before they begin."))
        given = [bool(said.get(f"template_{n}")) for n in range(1, STEPS + 1)]
        if given != sorted(given, reverse=True):
            raise forms.ValidationError(_("A step is left out; fill them in one after the other."))
        for number in range(2, STEPS + 1):
            if said.get(f"template_{number}") and not said.get(f"wait_{number}"):
                self.add_error(f"wait_{number}", _("Say after how many days."))
        return said

    def said(self) -> Said:
        """Give what was written."""
        said, units = self.cleaned_data, _units()
        steps = [
            Message(template, 24 * (said.get(f"wait_{n}") or 0), said.get(f"beside_{n}"))
            for n in range(1, STEPS + 1)
            if (template := said.get(f"template_{n}"))
        ]
        worth = said["worth"]
        return Said(
            name=said["name"], purpose=said["purpose"], steps=steps, segment=said["segment"],
            starts_at=said["starts_at"], hours=(said["open_from"], said["open_until"]),
            holdout=said["holdout"] / 100, horizon_days=said["horizon_days"],
            cost_per_unit=(said["cost_per_unit"] or 0) * units,
            worth=worth * units if worth else None, stops_on_order=said["stops_on_order"],
        )  # fmt: skip


def initial_of(found: Campaign) -> dict[str, Any]:
    """Give what a form begins with."""
    action, units = found.action, _units()
    told: dict[str, Any] = {
        "name": action.name, "purpose": action.purpose, "segment": found.segment_id,
        "holdout": round(100 * action.holdout, 2), "cost_per_unit": action.cost_per_unit / units,
        "worth": action.worth / units if action.worth else None,
        "horizon_days": action.horizon_days, "starts_at": found.starts_at,
        "open_from": found.open_from, "open_until": found.open_until,
        "stops_on_order": found.stops_on_order,
    }  # fmt: skip
    for step in found.steps.all():
        name = "beside" if step.arm else "template"
        told[f"{name}_{step.number}"] = step.template_id
        told[f"wait_{step.number}"] = step.wait_hours // 24 or None
    return told


def _units() -> int:
    return minor_units(_currency() or "XXX")


def _currency() -> str:
    state = published()
    return state.currency if state else ""
