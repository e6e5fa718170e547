"""What people say about a site."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_noop, override
from django.utils.translation import gettext_lazy as _

from kizuna.web.accounts.queries import organisation
from kizuna.web.capture.snippet import queries
from kizuna.web.capture.snippet.models import Consent, Query, Site

PURPOSE = gettext_noop("To see how the site is used, to improve it, and to serve customers better.")
KEPT = (
    "name", "key", "consent", "pages", "query", "session_minutes", "messages",
    "recipient", "purpose_ja", "purpose_en", "contact",
)  # fmt: skip


class SiteForm(forms.Form):
    """Settings of the script on a site, and what its visitors are told."""

    name = forms.CharField(label=_("Name of the site"), max_length=100)
    key = forms.RegexField(
        label=_("Write key for browsers"),
        regex=r"^[\x21-\x7e]+$",
        max_length=200,
        help_text=_("Make one under Write keys and name the site there. Visitors can read it."),
    )
    consent = forms.ChoiceField(label=_("It begins"), choices=Consent.choices)
    pages = forms.BooleanField(label=_("Note the pages by itself"), required=False)
    query = forms.ChoiceField(label=_("Addresses of pages are sent"), choices=Query.choices)
    session_minutes = forms.IntegerField(
        label=_("A visit ends after so many quiet minutes"), min_value=1, max_value=1440
    )
    messages = forms.BooleanField(
        label=_("Show messages on the site"),
        required=False,
        help_text=_("Banners and pop-ups that you write under Act, On the web site."),
    )
    recipient = forms.CharField(label=_("Who receives it"), max_length=200)
    purpose_ja = forms.CharField(label=_("To what end, in Japanese"), max_length=500)
    purpose_en = forms.CharField(label=_("To what end, in English"), max_length=500)
    contact = forms.CharField(
        label=_("Where visitors read or ask more"), max_length=500, required=False
    )

    def __init__(self, *args: Any, pk: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pk = pk

    def clean_name(self) -> str:
        """Refuse a name that another site has."""
        name: str = self.cleaned_data["name"]
        if queries.is_taken(name, but_for=self.pk):
            raise forms.ValidationError(_("Another site has this name."))
        return name


def initial(site: Site | None) -> dict[str, Any]:
    """Say what the form begins with."""
    if site:
        return {name: getattr(site, name) for name in KEPT}
    said: dict[str, Any] = {"consent": Consent.ASK, "pages": True, "query": Query.UTM}
    for language in ("ja", "en"):
        with override(language):
            said[f"purpose_{language}"] = gettext(PURPOSE)
    return said | {"session_minutes": 30, "recipient": organisation().name}
