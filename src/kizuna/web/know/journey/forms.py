"""What is asked of the map, and how a touchpoint is designed."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kizuna.pipeline.know.journey_touchpoints import names_of
from kizuna.web.know.journey.models import Persona, Touchpoint
from kizuna.web.know.journey.queries import ALL, Place
from kizuna.web.know.segments.stage_tables import stage_names

MEASURES = ("customers", "effort", "satisfaction", "drop_off", "value")
KINDS = ("first", "repeat", "return"), ("new", "expansion", "contraction", "churn")


class Asked:
    """Which cell or map, and which measure; what makes no sense is not asked."""

    def __init__(self, query: QueryDict) -> None:
        """Read the address."""
        show, page = query.get("show", ""), query.get("page", "1")
        self.show = show if show in MEASURES else MEASURES[0]
        self.touchpoint = query.get("touchpoint", "")
        self.stage, self.persona = query.get("stage", ALL), query.get("persona", ALL)
        self.page = int(page) if re.fullmatch(r"[1-9]\d{0,3}", page, re.ASCII) else 1

    @property
    def place(self) -> Place:
        """The cell."""
        return self.touchpoint, self.stage, self.persona


class TouchpointForm(forms.Form):
    """A touchpoint: its names, its place, what is counted, and for whom it is meant."""

    label_ja = forms.CharField(label=gettext_lazy("Name in Japanese"), max_length=80)
    label_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=80)
    place = forms.IntegerField(
        label=gettext_lazy("Place on the way"), min_value=1, max_value=999, initial=1
    )
    source = forms.ChoiceField(label=gettext_lazy("Counted from"))
    names = forms.CharField(
        label=gettext_lazy("What is counted"),
        max_length=4_000,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy(
            "A name a line. Of events: their names; of contacts: channels; of orders: first, "
            "repeat, return; of contracts: new, expansion, contraction, churn; of answers: kinds "
            "of survey. * is anything."
        ),
    )
    stages = forms.MultipleChoiceField(
        label=gettext_lazy("Meant for stages"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, given: QueryDict | None, *, kept: Touchpoint | None = None) -> None:
        super().__init__(given, initial=_initial(kept))
        source, stages = self.fields["source"], self.fields["stages"]
        assert isinstance(source, forms.ChoiceField)
        assert isinstance(stages, forms.MultipleChoiceField)
        source.choices, stages.choices = list(sources().items()), list(stage_names().items())

    def clean(self) -> dict[str, Any]:
        """Check that what is counted can come from there."""
        given = self.cleaned_data
        names = names_of(str(given.get("names", "")).replace("\n", "|"))
        if "names" in given and not names:
            self.add_error("names", _("Name something, or write * for anything."))
        known = dict(zip(("order", "contract"), KINDS, strict=True)).get(given.get("source", ""))
        odd = [name for name in names if known and name not in (*known, "*")]
        if known and odd:
            told = {"names": ", ".join(odd), "known": ", ".join(known)}
            self.add_error("names", _("%(names)s: not known here; there are %(known)s.") % told)
        given["names"] = "|".join(names)
        return given

    @property
    def values(self) -> dict[str, Any]:
        """What is to be kept."""
        given = self.cleaned_data
        kept = {name: given[name] for name in ("label_ja", "label_en", "place", "source", "names")}
        return kept | {"stages": "|".join(given["stages"])}


class PersonaForm(forms.Form):
    """What a persona is called; an empty name takes it off."""

    name = forms.CharField(label=gettext_lazy("Name of the persona"), max_length=60)
    mark = forms.RegexField(
        r"^\w{1,2}$",
        label=gettext_lazy("Letter before the name"),
        required=False,
        max_length=2,
        help_text=gettext_lazy("One or two letters; may be empty."),
    )
    sentence = forms.CharField(
        label=gettext_lazy("In a sentence"),
        required=False,
        max_length=300,
        widget=forms.Textarea({"rows": 2}),
        help_text=gettext_lazy("Who they are, for whoever reads the name for the first time."),
    )

    def __init__(self, given: QueryDict | None, *, kept: Persona) -> None:
        super().__init__(given, initial=kept.values)
        self.kept = kept

    def clean_name(self) -> str:
        """Refuse the name of another one."""
        name = " ".join(str(self.cleaned_data["name"]).split())
        if Persona.objects.filter(name=name).exclude(pk=self.kept.pk).exists():
            raise forms.ValidationError(_("Another persona has this name."))
        return name


def sources() -> dict[str, str]:
    """Name where touches are counted from."""
    return {
        "event": _("Events of site, app or product"),
        "contact": _("Contacts with the service"),
        "order": _("Orders"),
        "contract": _("Contracts"),
        "answer": _("Survey answers"),
    }


def _initial(kept: Touchpoint | None) -> dict[str, Any]:
    if kept is None:
        return {}
    lists = {"names": kept.names.replace("|", "\n"), "stages": kept.stages.split("|")}
    return kept.values | lists
