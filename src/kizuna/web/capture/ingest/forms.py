"""What people fill in for a write key."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.utils.translation import gettext_lazy as _

from kizuna.web.capture.ingest.models import MOST_PER_SECOND, PER_SECOND, Kind


class WriteKeyForm(forms.Form):
    """Who sends, from where, and how much."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("What sends with it."))
    kind = forms.ChoiceField(label=_("Who sends"), choices=Kind.choices)
    origins = forms.CharField(
        label=_("Addresses of the pages"),
        required=False,
        max_length=4000,
        help_text=_(
            "For pages in a browser: one a line, such as https://shop.example. Empty: any page."
        ),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "dir": "ltr"}),
    )
    per_second = forms.IntegerField(
        label=_("Messages a second"),
        min_value=1,
        max_value=MOST_PER_SECOND,
        initial=PER_SECOND,
        help_text=_("More are refused, and the client sends them again later."),
    )

    def clean(self) -> dict[str, Any]:
        """Read the addresses; a server has none."""
        given = super().clean() or {}
        lines = [line.strip() for line in given.get("origins", "").splitlines() if line.strip()]
        given["origins"] = origins = [_origin(line) for line in lines]
        if "" in origins:
            self.add_error("origins", _("Write each address as https://shop.example."))
        if origins and given.get("kind") == Kind.SERVER:
            self.add_error("origins", _("Only a key for pages has addresses of pages."))
        return given


def _origin(line: str) -> str:
    """Write an address as browsers send it: scheme, host, and a port that is not the usual one."""
    try:
        parts = urlsplit(line)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
        return ""
    host = (
        parts.hostname.encode("idna").decode() if not parts.hostname.isascii() else parts.hostname
    )
    host = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != usual else "")
