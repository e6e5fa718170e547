"""The tag that a site carries, from its settings."""

from __future__ import annotations

from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from kizuna.web.capture.snippet.models import Consent, Query, Site

FILE = "snippet/kizuna-events.js"


def tag_of(site: Site, origin: str) -> SafeString:
    """Write the tag; only what differs from the script's own habit is set on it."""
    said = {"key": site.key}
    if site.consent == Consent.GIVEN:
        said["consent"] = "given"
    if not site.pages:
        said["pages"] = "off"
    if site.query == Query.ALL:
        said["query"] = "all"
    if site.session_minutes != 30:
        said["session"] = str(site.session_minutes)
    if site.messages:
        said["messages"] = "on"
    attributes = format_html_join("", ' data-{}="{}"', said.items())
    return format_html('<script defer src="{}{}"{}></script>', origin, static(FILE), attributes)
