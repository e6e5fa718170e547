"""Forms: a rule, a channel, and how long to be silent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kizuna.pipeline.rules import reading
from kizuna.pipeline.rules.catalogue import known_facts
from kizuna.pipeline.rules.errors import REASONS, RuleError
from kizuna.web.accounts.models import Role
from kizuna.web.know.alerts.conditions import watchable, with_a_past
from kizuna.web.know.alerts.facts import label
from kizuna.web.know.alerts.models import (
    OF_SEGMENTS,
    OVER_FACTS,
    TRENDS,
    AlertRule,
    Channel,
    To,
    Way,
)
from kizuna.web.know.profiles.queries import team
from kizuna.web.know.segments.models import Kind as SegmentKind
from kizuna.web.know.segments.models import Segment
from kizuna.web.outgoing import Door, Refused, Unanswered

LONGEST_DAYS = 366

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[AlertRule]
else:
    ModelForm = forms.ModelForm


class RuleForm(ModelForm):
    """A rule: what is watched, who is told, and when it is silent."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    fact = forms.ChoiceField(label=_("Fact"), required=False)
    days = forms.IntegerField(
        label=_("Against how many days before"), min_value=1, max_value=LONGEST_DAYS, initial=30
    )
    quiet_days = forms.IntegerField(
        label=_("Quiet days after it began"),
        min_value=0,
        max_value=LONGEST_DAYS,
        initial=14,
        help_text=_("What begins, ends and begins again within these days is told once."),
    )
    escalate_hours = forms.IntegerField(
        label=_("Hours until somebody else is told"),
        min_value=1,
        max_value=24 * 31,
        required=False,
        help_text=_("If nobody has read the alert by then."),
    )

    class Meta:
        """All that people decide."""

        model = AlertRule
        fields = (
            *("name", "kind", "fact", "amount", "relative", "days", "condition", "segment"),
            *(
                "cause",
                "severity",
                "advice",
                "to",
                "person",
                "by_mail",
                "channel",
                "pace",
                "in_hours",
            ),
            *("quiet_days", "escalate_hours", "escalate_to", "is_on"),
        )
        widgets = {
            "condition": forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
            "advice": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "amount": _("For facts. Amounts of money in units of the currency; shares as 0.25."),
            "relative": _("For facts that rise or fall: 20 then means 20 % of what they were."),
            "condition": _(
                "For rules over several facts, such as: health < 40 AND days_to_renewal < 60"
            ),
            "segment": _("For customers who enter or leave a live segment."),
            "cause": _("Of one customer and one cause there is one open alert at a time."),
            "advice": _("What the one who is told should do: it stands on the alert."),
            "person": _("Also gets the alerts of customers without an owner."),
            "in_hours": _("Mails and messages wait until the next business day opens."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = sorted(((label(fact), fact) for fact in watchable()), key=lambda pair: pair[0])
        choices = [(fact, f"{text} ({fact})") for text, fact in named]
        self.fields["fact"].choices = [("", "–"), *choices]  # type: ignore[attr-defined]
        for name in ("person", "escalate_to"):
            self.fields[name].queryset = team()  # type: ignore[attr-defined]
        live = Segment.objects.filter(kind=SegmentKind.LIVE).order_by("name")
        self.fields["segment"].queryset = live  # type: ignore[attr-defined]
        self.fields["segment"].label_from_instance = lambda one: one.name  # type: ignore[attr-defined]
        self.fields["segment"].label = gettext("Segment")
        self.fields["escalate_to"].label = gettext("Who is told then")
        self.fields["amount"].label = gettext("Value to compare with")
        self.fields["person"].label = gettext("Person")
        self.fields["channel"].label = gettext("Also in a channel")

    def clean(self) -> dict[str, Any]:
        """Hold what is watched and who is told together."""
        said = super().clean() or {}
        if said.get("kind") in OVER_FACTS:
            said |= {"fact": "", "amount": None, "segment": None}
            self._check_condition(said.get("condition", ""))
        elif said.get("kind") in OF_SEGMENTS:
            said |= {"fact": "", "amount": None, "condition": ""}
            if not said.get("segment"):
                self.add_error("segment", gettext("Say which segment."))
        else:
            said |= {"condition": "", "segment": None}
            self._check_fact(said)
        if said.get("to") == To.PERSON and not said.get("person"):
            self.add_error("person", gettext("Say which person."))
        if bool(said.get("escalate_hours")) != bool(said.get("escalate_to")):
            text = gettext("Give both, the hours and the person, or neither.")
            self.add_error("escalate_hours", text)
        return said

    def _check_condition(self, text: str) -> None:
        try:
            reading.read(text, known_facts())
        except RuleError as error:
            self.add_error("condition", problem_of(error))

    def _check_fact(self, said: dict[str, Any]) -> None:
        if not said.get("fact"):
            self.add_error("fact", gettext("Say which fact."))
        if said.get("amount") is None:
            self.add_error("amount", gettext("Give a value."))
        elif said.get("kind") in TRENDS and said["amount"] <= 0:
            self.add_error("amount", gettext("By how much it rises or falls is more than 0."))
        if said.get("kind") in TRENDS and said.get("fact") and said["fact"] not in with_a_past():
            text = gettext("Of this fact no values of former days are kept; choose another one.")
            self.add_error("fact", text)


def problem_of(error: RuleError) -> str:
    """Say what is wrong with a rule: where, why, and what was perhaps meant."""
    said = gettext("At letter %(at)s: %(why)s") % {
        "at": error.start + 1,
        "why": gettext(REASONS[error.code]) % error.values,
    }
    if not error.suggestion:
        return said
    meant = gettext("Did you mean “%(name)s”?") % {"name": error.suggestion}
    return f"{said} {meant}"


class ChannelForm(forms.Form):
    """A channel: its name, what it speaks, its address."""

    name = forms.CharField(label=_("Name"), max_length=100)
    way = forms.ChoiceField(label=_("Kind"), choices=Way)
    url = forms.URLField(
        label=_("Address of the incoming webhook"),
        max_length=2000,
        assume_scheme="https",
        help_text=_("It is kept encrypted and is not shown again."),
    )

    def clean_name(self) -> str:
        """Names are told apart."""
        name = str(self.cleaned_data["name"])
        if Channel.objects.filter(name=name).exists():
            raise forms.ValidationError(gettext("There is a channel of this name."))
        return name

    def clean_url(self) -> str:
        """Refuse what the door would not call."""
        url = str(self.cleaned_data["url"])
        try:
            Door(allowed=tuple(settings.OUTGOING_HOSTS)).check(url)
        except (Refused, Unanswered) as error:
            raise forms.ValidationError(
                gettext("This address may not be called or was not found (%(code)s).")
                % {"code": error.code}
            ) from error
        return url


class DaysForm(forms.Form):
    """How many days to be silent."""

    days = forms.IntegerField(min_value=0, max_value=LONGEST_DAYS)


def chosen(given: str | None, offered: tuple[str, ...]) -> str:
    """Give what was asked for, or else the first that is offered."""
    return given if given in offered else offered[0]


def may_change_rules(person: Any) -> bool:
    """Whether a person may change what is watched."""
    return bool(person.may(Role.MANAGER))


def prefilled(given: Mapping[str, str]) -> dict[str, str]:
    """Give what another page says of a rule that is to be made."""
    return {name: given[name] for name in ("kind", "segment", "condition") if name in given}
