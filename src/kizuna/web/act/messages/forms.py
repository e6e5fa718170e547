"""What people say about templates and channels."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from kizuna.web.act.messages import queries, wording
from kizuna.web.act.messages.models import (
    BounceKind,
    Channel,
    Leftover,
    Missing,
    Returned,
    Template,
    Text,
)
from kizuna.web.act.messages.placeholders import LONGEST
from kizuna.web.act.messages.services.templates import FaultyError, Said, Words
from kizuna.web.act.webhooks.signatures import signature
from kizuna.web.capture.consents.queries import offered
from kizuna.web.outgoing import LONGEST_URL, Door, Refused, Unanswered

LANGUAGES = (("ja", _("Japanese")), ("en", _("English")))


class TemplateForm(forms.Form):
    """A template with its words for each channel and language."""

    name = forms.CharField(label=_("Name"), max_length=120)
    purpose = forms.ChoiceField(
        label=_("Purpose"),
        help_text=_("Whoever has not agreed to it, or has said no, gets nothing."),
    )
    missing = forms.ChoiceField(
        label=_("Where nothing is known that a placeholder could say"), choices=Missing
    )
    follows = forms.BooleanField(
        label=_("Tell who opens it and follows its links"), required=False, initial=True
    )

    def __init__(self, *args: Any, template: Template | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.template = template
        choices = []
        for purpose in offered():
            choices.append((purpose.code, purpose.name))
            choices += [
                (f"{purpose.code}/{topic.code}", f"{purpose.name} – {topic.name}")
                for topic in purpose.topics.all()
            ]
        self.fields["purpose"].choices = choices  # type: ignore[attr-defined]
        for channel in Channel:
            for language, _label in LANGUAGES:
                self._add(channel, language)

    def _add(self, channel: Channel, language: str) -> None:
        at = f"{channel.value}_{language}"
        if channel == Channel.EMAIL:
            self.fields[f"subject_{at}"] = forms.CharField(
                label=_("Subject"), max_length=400, required=False
            )
        self.fields[f"body_{at}"] = forms.CharField(
            label=_("Text"),
            max_length=LONGEST,
            required=False,
            strip=False,
            widget=forms.Textarea(attrs={"rows": 10, "lang": language, "spellcheck": "true"}),
        )

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """The words, channel by channel, for the page."""
        found = []
        for channel in Channel:
            parts = []
            for language, label in LANGUAGES:
                at = f"{channel.value}_{language}"
                names = [n for n in (f"subject_{at}", f"body_{at}") if n in self.fields]
                parts.append((label, [self[name] for name in names]))
            fields = [field for _label, group in parts for field in group]
            is_used = any(field.value() or field.errors for field in fields)
            is_open = is_used or channel == Channel.EMAIL
            found.append({"label": channel.label, "parts": parts, "is_open": is_open})
        return found

    def clean_name(self) -> str:
        """Refuse a name that another template has."""
        name: str = self.cleaned_data["name"]
        if queries.is_taken(name, self.template.pk if self.template else None):
            raise forms.ValidationError(_("Another template has this name."))
        return name

    def clean(self) -> dict[str, Any]:
        """A mail has both a subject and a text; something has to be written."""
        found = super().clean() or self.cleaned_data
        for language, _label in LANGUAGES:
            at = f"{Channel.EMAIL.value}_{language}"
            subject, body = found.get(f"subject_{at}"), (found.get(f"body_{at}") or "").strip()
            if body and not subject:
                self.add_error(f"subject_{at}", _("A mail needs a subject."))
            if subject and not body:
                self.add_error(f"body_{at}", _("A mail needs a text."))
        if not self.errors and not self._words():
            raise forms.ValidationError(_("Write something for one channel at least."))
        return found

    def _words(self) -> list[Words]:
        said = self.cleaned_data
        return [
            Words(
                channel.value, language, body.replace("\r\n", "\n"),
                said.get(f"subject_{channel.value}_{language}") or "",
            )
            for channel in Channel
            for language, _label in LANGUAGES
            if (body := said.get(f"body_{channel.value}_{language}") or "").strip()
        ]  # fmt: skip

    def said(self) -> Said:
        """Give what was written."""
        said = self.cleaned_data
        purpose, _slash, topic = said["purpose"].partition("/")
        return Said(said["name"], purpose, self._words(), topic, said["missing"], said["follows"])

    def add_faults(self, error: FaultyError) -> None:
        """Show each fault at the words that it is in."""
        for fault in error.faults:
            name = f"{fault.part}_{fault.channel}_{fault.language}"
            where = name if name in self.fields else None
            self.add_error(where, wording.problem(fault.problem))


def initial_of(template: Template, texts: list[Text]) -> dict[str, Any]:
    """Give what a form begins with."""
    topic = f"/{template.topic}" if template.topic else ""
    found: dict[str, Any] = {
        "name": template.name,
        "purpose": f"{template.purpose}{topic}",
        "missing": template.missing,
        "follows": template.follows,
    }
    for text in texts:
        at = f"{text.channel}_{text.language}"
        found |= {f"subject_{at}": text.subject, f"body_{at}": text.body}
    return found


class TrialForm(forms.Form):
    """Which words to look at, and with which customer."""

    customer = forms.CharField(label=_("Customer's number"), max_length=500)
    text = forms.ChoiceField(label=_("Channel and language"))

    def __init__(self, *args: Any, texts: list[Text], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].choices = [  # type: ignore[attr-defined]
            (str(text.pk), f"{text.get_channel_display()} · {text.language}") for text in texts
        ]


class SettleForm(forms.Form):
    """What a mail that came back is."""

    kind = forms.ChoiceField(
        label=_("It is"),
        required=False,
        choices=[("", _("Nothing: put aside")), *BounceKind.choices],
    )
    address = forms.CharField(
        label=_("Address that it is on"),
        max_length=320,
        required=False,
        widget=forms.TextInput(attrs={"dir": "ltr"}),
    )


def settle_form(found: Returned) -> SettleForm:
    """Give a form on a mail that was left over."""
    kind = BounceKind.COMPLAINT.value if found.why == Leftover.UNSIGNED else ""
    initial = {"kind": kind, "address": found.address}
    return SettleForm(initial=initial, auto_id=f"left-{found.pk}-%s")


class SetupForm(forms.Form):
    """Where a channel is reached."""

    url = forms.CharField(
        label=_("Address to call"),
        max_length=LONGEST_URL,
        required=False,
        widget=forms.URLInput(attrs={"placeholder": "https://", "dir": "ltr"}),
    )
    secret = forms.CharField(
        label=_("Key"),
        max_length=2_000,
        required=False,
        strip=True,
        help_text=_("It is kept sealed and not shown again; left empty, it stays what it was."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, channel: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channel = channel
        if channel == Channel.LINE:
            del self.fields["url"]
            self.fields["secret"].label = _("Channel access token")

    def clean_secret(self) -> str:
        """Refuse a key by which nothing can be signed."""
        secret: str = self.cleaned_data["secret"]
        if secret and self.channel == Channel.WEBHOOK:
            try:
                signature(secret, "m", 0, b"")
            except ValueError:
                raise forms.ValidationError(_("The key has to be whsec_ and base64.")) from None
        return secret

    def clean_url(self) -> str:
        """Refuse at once what would be refused at every call."""
        url: str = self.cleaned_data["url"]
        try:
            if url:
                Door(allowed=tuple(settings.OUTGOING_HOSTS)).check(url)
        except (Refused, Unanswered):
            raise forms.ValidationError(
                _("This address may not be called, or cannot be found.")
            ) from None
        return url
