"""Fields of money in forms: closed until the currency is known.

Amounts are kept in the minor unit. Before the first publication nobody knows whether that is a yen
or a cent, and an amount that was written down by the wrong one would be a hundred times off.
"""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _


def close_until_known(form: forms.Form, names: Iterable[str], currency: str) -> None:
    """Close the fields of money where the currency is not known, and say when they open."""
    if currency:
        return
    for name in names:
        field = form.fields[name]
        field.disabled, field.required = True, False
        field.help_text = _(
            "Opens with the first published figures: until then the currency is not known."
        )
