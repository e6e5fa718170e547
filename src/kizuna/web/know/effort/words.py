"""Words and addresses that the pages of effort and of service levels share."""

from __future__ import annotations

from datetime import UTC, datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from kizuna.web.know.effort.queries import Row
from kizuna.web.ui.templatetags.ui import moment


def drivers() -> dict[str, str]:
    """Name what makes an issue hard."""
    return {
        "repeats": _("Came again"),
        "switches": _("Changed channel"),
        "transfers": _("Passed on"),
        "said_again": _("Said it again"),
        "long_waits": _("Waited long"),
        "self_service": _("Sought help alone in vain"),
    }


def channels() -> dict[str, str]:
    """Name the channels that are known."""
    return {
        "mail": _("Mail"),
        "phone": _("Telephone"),
        "chat": _("Chat"),
        "line": "LINE",
        "visit": _("Visit"),
        "in_person": _("In person"),
        "social": _("Social media"),
        "paper": _("Letter"),
    }


def moment_of(value: datetime) -> str:
    """Write a moment as tables keep it, which is UTC."""
    return moment(utc(value))


def utc(value: datetime) -> datetime:
    """Say of a moment as tables keep it that it is UTC."""
    return value.replace(tzinfo=UTC)


def issue_url(row: Row) -> str:
    """Give the address of an issue."""
    query = {"customer": row["customer_id"], "issue": row["issue_id"]}
    return reverse("effort:issue", query=query)


def customer_url(customer_id: str) -> str:
    """Give the address of a customer."""
    return reverse("customers:one", query={"id": customer_id})
