"""What people ask of the calculator."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from kizuna.web.measure.experience.queries import Worth
from kizuna.web.measure.experience.wording import betters


class CalculatorForm(forms.Form):
    """How many points, for how many customers."""

    score = forms.ChoiceField(label=_("What gets better"))
    points = forms.FloatField(label=_("By how many points"), min_value=0.1, max_value=100)
    customers = forms.IntegerField(
        label=_("For how many customers"), min_value=1, max_value=1_000_000_000
    )

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        field = self.fields["score"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(betters().items())


FIRST = {"score": "effort", "points": 5, "customers": 1_000}


def calculator(given: QueryDict, found: Worth) -> CalculatorForm:
    """Fill the form with what was asked, or with an example of which something is known."""
    known = [score.name for score in found.scores if score.told]
    first = FIRST | ({"score": known[0]} if known else {})
    asked = {name: given.get(name, "") for name in FIRST} if "score" in given else first
    return CalculatorForm(asked)
