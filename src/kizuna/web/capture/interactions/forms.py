"""What people fill in about sources of contacts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kizuna.web.capture.interactions import queries, signatures
from kizuna.web.capture.interactions.mapping import NEEDED, PARTS, is_path
from kizuna.web.capture.interactions.models import Hook, Mailbox, Scheme, Security, Use

HEADER = r"^[A-Za-z0-9-]{1,100}$"
PORTS: dict[str, int] = {Security.TLS: 993, Security.STARTTLS: 143, Security.PLAIN: 143}
MOST_ADDRESSES = 50
HIDDEN = {"autocomplete": "new-password"}


class HookForm(forms.Form):
    """What a program sends, how it signs, and where each part of a contact is."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("As your team calls it."))
    scheme = forms.ChoiceField(label=_("How it signs"), choices=Scheme.choices)
    secret = forms.CharField(
        label=_("Secret"),
        max_length=500,
        required=False,
        help_text=_("As the other program shows it; kept encrypted. Empty keeps the former one."),
        widget=forms.PasswordInput(attrs=HIDDEN),
    )
    signature_header = forms.RegexField(
        HEADER,
        label=_("Header with the signature"),
        required=False,
        help_text=_("For HMAC: such as X-Line-Signature or X-Hub-Signature-256."),
    )
    timestamp_header = forms.RegexField(
        HEADER,
        label=_("Header with the time"),
        required=False,
        help_text=_("For HMAC, where the time is signed before the body."),
    )
    items = forms.CharField(
        label=_("Where the list is"),
        max_length=200,
        required=False,
        help_text=_("A path such as events; empty where the whole body is one contact or a list."),
    )
    mapping = forms.CharField(
        label=_("Where each part is"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
        help_text=_(
            "A line each: channel: =line puts a fixed value, customer_id: source.userId a path. "
            "Empty where parts have these names already."
        ),
    )
    is_on = forms.BooleanField(label=_("Takes what comes"), required=False)

    def __init__(self, *args: Any, pk: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pk = pk

    def clean_name(self) -> str:
        """Refuse a name that another has."""
        name: str = self.cleaned_data["name"]
        if queries.hook_name_taken(name, but_for=self.pk):
            raise forms.ValidationError(_("Another source has this name."))
        return name

    def clean_items(self) -> str:
        """Refuse what is no path."""
        path: str = self.cleaned_data["items"]
        if path and (path.startswith("=") or not is_path(path)):
            raise forms.ValidationError(_("This is no path."))
        return path

    def clean_mapping(self) -> dict[str, str]:
        """Read the lines."""
        said: dict[str, str] = {}
        for line in filter(None, map(str.strip, self.cleaned_data["mapping"].splitlines())):
            part, _colon, path = (text.strip() for text in line.partition(":"))
            if part not in PARTS or not is_path(path) or part in said:
                text = _("This line cannot be read: %(line)s") % {"line": line[:100]}
                raise forms.ValidationError(text)
            said[part] = path
        missing = [name for name in NEEDED if said and name not in said]
        if missing:
            raise forms.ValidationError(_("Say also: %(parts)s") % {"parts": ", ".join(missing)})
        if said and not {"customer_id", "email"} & set(said):
            raise forms.ValidationError(_("Say also where customer_id or email is."))
        return said

    def clean(self) -> dict[str, Any]:
        """Ask for what the way of signing needs."""
        given = super().clean() or {}
        if not given.get("secret") and self.pk is None:
            self.add_error("secret", _("Say the secret."))
        if given.get("scheme") == Scheme.HMAC and not given.get("signature_header"):
            self.add_error("signature_header", _("Say which header holds the signature."))
        if given.get("scheme") == Scheme.STANDARD:
            given |= {"signature_header": "", "timestamp_header": ""}
            self._check_secret(given.get("secret", ""))
        return given

    def _check_secret(self, secret: str) -> None:
        try:
            if secret:
                signatures.key_of(secret)
        except ValueError:
            self.add_error("secret", _("A secret of Standard Webhooks is whsec_ and base64."))


class MailboxForm(forms.Form):
    """Where a mailbox is, and which addresses are ours."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("As your team calls it."))
    host = forms.RegexField(
        r"^[^\s/@\\\x00-\x1f]{1,255}$",
        label=_("Mail server (IMAP)"),
        help_text=_("Such as imap.example.com."),
    )
    security = forms.ChoiceField(label=_("Connection"), choices=Security.choices)
    port = forms.IntegerField(
        label=_("Port"),
        min_value=1,
        max_value=65535,
        required=False,
        help_text=_("Empty: the usual one."),
    )
    user = forms.RegexField(
        r"^[^\x00-\x1f]{1,255}$",
        label=_("User name"),
        strip=True,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=1000,
        required=False,
        strip=False,
        help_text=_(
            "Best one for this program alone (app password); kept encrypted and never shown. "
            "Empty keeps the former one."
        ),
        widget=forms.PasswordInput(attrs=HIDDEN),
    )
    folder = forms.RegexField(r"^[^\x00-\x1f]{1,255}$", label=_("Folder"))
    use = forms.ChoiceField(label=_("What comes into it"), choices=Use)
    addresses = forms.CharField(
        label=_("Our addresses"),
        max_length=5_000,
        required=False,
        help_text=_(
            "With commas. What comes from one of these is our answer to a customer. Not needed "
            "where only returned mail comes."
        ),
    )
    since_on = forms.DateField(
        label=_("Mails from this day on"), widget=forms.DateInput(attrs={"type": "date"})
    )
    is_on = forms.BooleanField(label=_("Is read"), required=False)

    def __init__(self, *args: Any, pk: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pk = pk

    def clean_name(self) -> str:
        """Refuse a name that another has."""
        name: str = self.cleaned_data["name"]
        if queries.mailbox_name_taken(name, but_for=self.pk):
            raise forms.ValidationError(_("Another source has this name."))
        return name

    def clean_addresses(self) -> list[str]:
        """Read the addresses."""
        given = [text.strip().lower() for text in self.cleaned_data["addresses"].split(",")]
        found = list(dict.fromkeys(filter(None, given)))
        for text in found:
            forms.EmailField().clean(text)
        return found[:MOST_ADDRESSES]

    def clean(self) -> dict[str, Any]:
        """Put the usual port, and ask for a password."""
        given = super().clean() or {}
        given["port"] = given.get("port") or PORTS.get(str(given.get("security")), 993)
        if not given.get("password") and self.pk is None:
            self.add_error("password", _("Say the password."))
        is_bare = not given.get("addresses") and "addresses" not in self.errors
        if is_bare and given.get("use") == Use.CONTACTS:
            self.add_error("addresses", _("Say which addresses are yours."))
        return given


def hook_initial(hook: Hook | None) -> dict[str, Any]:
    """Say what the form of a hook begins with."""
    if hook is None:
        return {"scheme": Scheme.STANDARD, "is_on": True}
    names = ("name", "scheme", "signature_header", "timestamp_header", "items", "is_on")
    lines = "\n".join(f"{part}: {path}" for part, path in hook.mapping.items())
    return {name: getattr(hook, name) for name in names} | {"mapping": lines}


def mailbox_initial(mailbox: Mailbox | None, use: str = "") -> dict[str, Any]:
    """Say what the form of a mailbox begins with."""
    if mailbox is None:
        since = timezone.localdate() - timedelta(days=30)
        return {
            "security": Security.TLS, "folder": "INBOX", "since_on": since, "is_on": True,
            "use": use if use in Use.values else Use.CONTACTS,
        }  # fmt: skip
    names = ("name", "host", "security", "port", "user", "folder", "use", "since_on", "is_on")
    said = {name: getattr(mailbox, name) for name in names}
    return said | {"addresses": ", ".join(mailbox.addresses)}
