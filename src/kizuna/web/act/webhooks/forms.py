"""What people say about an endpoint."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kizuna.web.act.webhooks import queries, sending, wording
from kizuna.web.act.webhooks.topics import TOPICS
from kizuna.web.outgoing import LONGEST_URL, Refused, Unanswered


class EndpointForm(forms.Form):
    """Name, address, and what is told."""

    name = forms.CharField(label=_("Name"), max_length=100)
    url = forms.CharField(
        label=_("Address to call"),
        max_length=LONGEST_URL,
        help_text=_("An address of the public network that begins with https://."),
        widget=forms.URLInput(attrs={"placeholder": "https://", "dir": "ltr"}),
    )
    topics = forms.MultipleChoiceField(
        label=_("What it is told"),
        choices=[(topic.name, topic.title) for topic in TOPICS.values()],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, pk: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pk = pk

    def clean_name(self) -> str:
        """Refuse a name that another endpoint has."""
        name: str = self.cleaned_data["name"]
        if queries.is_taken(name, but_for=self.pk):
            raise forms.ValidationError(_("Another endpoint has this name."))
        return name

    def clean_url(self) -> str:
        """Refuse at once what would be refused at every call."""
        url: str = self.cleaned_data["url"]
        try:
            sending.door().check(url)
        except (Refused, Unanswered) as error:
            raise forms.ValidationError(wording.said(error)) from None
        return url
