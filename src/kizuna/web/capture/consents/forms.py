"""What people enter about consent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kizuna.web.capture.consents.files import LARGEST
from kizuna.web.capture.consents.models import CODE, Basis, Channel, Kind, Purpose, Status
from kizuna.web.capture.consents.services.recording import Said

BOTH = _("One of the two languages is enough; where one is missing, the other is shown.")


class Named(forms.Form):
    """A name in two languages, of which one is enough."""

    name_ja = forms.CharField(label=_("Name in Japanese"), max_length=200, required=False)
    name_en = forms.CharField(
        label=_("Name in English"), max_length=200, required=False, help_text=BOTH
    )

    def clean(self) -> dict[str, Any]:
        """Want one of the names."""
        said = super().clean() or {}
        if not (said.get("name_ja") or said.get("name_en")):
            self.add_error("name_ja", _("Give a name in at least one language."))
        return said


class PurposeForm(Named):
    """A purpose."""

    code = forms.CharField(
        label=_("Code for programs"),
        max_length=60,
        validators=[CODE],
        help_text=_("Programs and files name the purpose by it; it cannot be changed later."),
    )
    kind = forms.ChoiceField(
        label=_("What it needs"), choices=Kind.choices, widget=forms.RadioSelect
    )
    channels = forms.MultipleChoiceField(
        label=_("Channels"), choices=Channel.choices, widget=forms.CheckboxSelectMultiple
    )
    order = forms.IntegerField(
        label=_("Place in the list"), min_value=0, max_value=9999, initial=100
    )
    field_order = ("code", "name_ja", "name_en", "kind", "channels", "order")

    def __init__(self, *args: Any, found: Purpose | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if found is not None:
            del self.fields["code"]

    def clean_code(self) -> str:
        """Refuse a code that is taken."""
        code: str = self.cleaned_data["code"]
        if Purpose.objects.filter(code=code).exists():
            raise forms.ValidationError(_("Another purpose has this code."))
        return code


class TopicForm(Named):
    """A topic of a purpose."""

    code = forms.CharField(label=_("Code for programs"), max_length=60, validators=[CODE])
    field_order = ("code", "name_ja", "name_en")

    def __init__(self, *args: Any, purpose_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "topic_%s", **kwargs})
        self.purpose_id = purpose_id

    def clean_code(self) -> str:
        """Refuse a code that is taken."""
        code: str = self.cleaned_data["code"]
        if Purpose.objects.filter(pk=self.purpose_id, topics__code=code).exists():
            raise forms.ValidationError(_("Another topic of this purpose has this code."))
        return code


class WordingForm(forms.Form):
    """A new version of what customers are shown."""

    text_ja = forms.CharField(
        label=_("Words in Japanese"), max_length=5_000, required=False, widget=forms.Textarea
    )
    text_en = forms.CharField(
        label=_("Words in English"), max_length=5_000, required=False, widget=forms.Textarea,
        help_text=BOTH,
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "wording_%s", **kwargs})

    def clean(self) -> dict[str, Any]:
        """Want one of the texts."""
        said = super().clean() or {}
        if not (said.get("text_ja") or said.get("text_en")):
            self.add_error("text_ja", _("Write it in at least one language."))
        return said


class SenderForm(forms.Form):
    """Who writes."""

    legal_name = forms.CharField(
        label=_("Name of the sender"), max_length=200, required=False,
        help_text=_("The person or company that is responsible for the messages."),
    )  # fmt: skip
    postal_address = forms.CharField(label=_("Postal address"), max_length=300, required=False)
    contact = forms.CharField(
        label=_("Where complaints and questions go"), max_length=300, required=False,
        help_text=_("A telephone number, a mail address or the address of a page."),
    )  # fmt: skip
    site = forms.CharField(
        label=_("Public address of Kizuna"), max_length=300, required=False,
        validators=[URLValidator(schemes=["https", "http"])],
        widget=forms.URLInput(attrs={"placeholder": "https://", "dir": "ltr"}),
        help_text=_("Customers reach their preferences and unsubscribe under it."),
    )  # fmt: skip
    mailbox = forms.EmailField(
        label=_("Mailbox for unsubscribing"), required=False,
        help_text=_("Mail programs may write to it; somebody has to read it."),
    )  # fmt: skip


class WordForm(forms.Form):
    """What a customer told a person."""

    status = forms.ChoiceField(label=_("What was said"), choices=Status.choices)
    purpose = forms.ChoiceField(label=_("Purpose"))
    channel = forms.ChoiceField(label=_("Channel"), choices=Channel.choices)
    topic = forms.ChoiceField(label=_("Topic"), required=False)
    basis = forms.ChoiceField(
        label=_("Basis of a yes"), choices=Basis.choices, initial=Basis.CONSENT
    )
    decided_at = forms.DateTimeField(
        label=_("When"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    note = forms.CharField(
        label=_("How it is known"), max_length=500,
        help_text=_("Such as: on the telephone, by a letter of 3 April, business card kept."),
    )  # fmt: skip

    def __init__(self, *args: Any, purposes: list[Purpose], **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "word_%s", **kwargs})
        self.fields["purpose"].choices = [(p.code, p.name) for p in purposes]  # type: ignore[attr-defined]
        topics = [
            (f"{p.code}/{t.code}", f"{p.name}: {t.name}") for p in purposes for t in p.topics.all()
        ]
        self.fields["topic"].choices = [("", _("All topics")), *topics]  # type: ignore[attr-defined]
        self.fields["decided_at"].initial = timezone.localtime
        if not topics:
            del self.fields["topic"]

    def clean(self) -> dict[str, Any]:
        """A topic is one of the purpose's; an exception goes with a yes."""
        said = super().clean() or {}
        topic = said.get("topic") or ""
        if topic and topic.partition("/")[0] != said.get("purpose"):
            self.add_error("topic", _("The purpose has no such topic."))
        return said

    def said(self, customer_id: str) -> Said:
        """Give it as a word."""
        kept = self.cleaned_data
        return Said(
            customer_id=customer_id,
            status=kept["status"],
            purpose=kept["purpose"],
            channel=kept["channel"],
            topic=(kept.get("topic") or "").partition("/")[2],
            basis=kept["basis"],
            decided_at=kept["decided_at"],
            proof={"note": kept["note"]},
        )


class FileForm(forms.Form):
    """A file of consents."""

    file = forms.FileField(label=_("File (CSV)"))
    only_check = forms.BooleanField(label=_("Only check, record nothing"), required=False)

    def clean_file(self) -> Any:
        """Refuse what is too large to be read at once."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(_("The file is larger than 5 MB: divide it."))
        return file
