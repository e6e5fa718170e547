"""The style page: every component once, with figures that are made up."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kizuna.charts.bars import predicted_and_actual
from kizuna.web.ui.components import Cell, Column, Explain, Tab, Table, Text
from kizuna.web.ui.icons import ICONS
from kizuna.web.ui.templatetags.ui import MOODS, writer

CURRENCY = "JPY"
PREDICTED = [0.4, 0.9, 1.6, 2.4, 3.1, 4.4]
ACTUAL = [0.5, 0.8, 1.7, 2.2, 3.4, 4.1]
CUSTOMERS = (
    ("有限会社 花のみやび", 184_200, 12, "serious", _("At risk")),
    ("Aoki Kaori", 96_400, 31, "good", _("Healthy")),
    ("محمد 🌸", 51_900, 4, "unknown", _("Not yet known")),
)


class ExampleForm(forms.Form):
    """Fields of every kind."""

    name = forms.CharField(label=_("Name"), help_text=_("As it is written on invoices."))
    currency = forms.ChoiceField(label=_("Currency"), choices=[("JPY", "JPY"), ("USD", "USD")])
    notes = forms.CharField(label=_("Notes"), required=False, widget=forms.Textarea({"rows": 3}))
    weekly = forms.BooleanField(label=_("Refresh every week"), required=False)


def page(request: HttpRequest) -> HttpResponse:
    """Show every component."""
    return render(request, "ui/style.html", example())


def example() -> dict[str, Any]:
    """Make up what the components show."""
    names = [str(n) for n in range(5)] + ["5+"]
    title = writer()("Repeat purchases before the holdout")
    return {
        "moods": MOODS,
        "icons": sorted(ICONS),
        "currency": CURRENCY,
        "day": date(2026, 11, 21),
        "bounds": (25_156_972.0, 38_650_831.0),
        "explain": _explained(),
        "figure": predicted_and_actual(
            names, PREDICTED, ACTUAL, title=title, short_title=title, words=writer(CURRENCY)
        ),
        "customers": _customers(),
        "form": ExampleForm({"name": "", "currency": "JPY"}),
        "page": Paginator(range(900), 50).page(3),
        "tabs": [
            Tab(_("Overview"), "#content", current=True),
            Tab(_("Orders"), "#orders"),
            Tab(_("Notes"), "#notes"),
        ],
    }


def _explained() -> Explain:
    return Explain(
        definition=_("Margin that today's customers are expected to bring over the next 365 days."),
        formula="Σ P(alive) × E(purchases) × E(spend) × margin × discount",
        rows=gettext("%(rows)s orders of %(customers)s customers")
        % {"rows": writer().number(15_954), "customers": writer().number(4_000)},
        interval=_("Parameters, chance, and the error of the back-test together: 90%."),
        back_test=_("Predicted 4,030 purchases on the unseen part; 4,119 came."),
        as_of=writer().day(date(2026, 10, 31)),
    )


def _customers() -> Table:
    columns = [
        Column(_("Customer"), key="name"),
        Column(_("Expected value"), number=True, key="value"),
        Column(_("Days since the last order"), number=True, key="recency"),
        Column(_("State")),
    ]
    language = writer(CURRENCY)
    rows: list[list[Text | Cell]] = [
        [
            Cell(name, "#content"),
            language.money(value),
            language.number(days),
            Cell(word, mood=mood),
        ]
        for name, value, days, mood, word in CUSTOMERS
    ]
    return Table(_("Most valuable customers"), columns, rows, sort="-value")
