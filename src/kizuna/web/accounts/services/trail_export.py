"""Taking the audit log out as a file; that is recorded too."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext as _

from kizuna.web.accounts import trail
from kizuna.web.accounts.models import AuditEntry, Person, Role
from kizuna.web.accounts.services.trail import audit

BOM = "\ufeff"
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def export_trail(
    *, actor: Person, chosen: Mapping[str, Any], request: HttpRequest | None = None
) -> Iterator[str]:
    """Give the lines of a CSV file of the chosen entries."""
    if not actor.may(Role.MANAGER):
        raise PermissionDenied
    asked = {name: str(value) for name, value in chosen.items() if value}
    audit(actor=actor, action="accounts.audit.exported", target="", after=asked, request=request)
    heading = [
        _("No."),
        _("Date and time"),
        _("Who"),
        _("Action"),
        _("Target"),
        _("Before"),
        _("After"),
    ]
    heading += [_("Network address"), _("Browser"), _("Seal")]
    return _lines(heading, trail.entries(**chosen))


def _lines(heading: Sequence[str], entries: Any) -> Iterator[str]:
    yield BOM + _line(heading)
    for entry in entries.iterator():
        yield _line(_cells(entry))


def _cells(entry: AuditEntry) -> list[str]:
    return [
        str(entry.number),
        entry.at.isoformat(),
        entry.actor.email if entry.actor else "",
        entry.action,
        entry.target,
        entry.before_text or "",
        entry.after_text or "",
        entry.address or "",
        entry.agent,
        entry.seal,
    ]


def _line(cells: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow([_harmless(cell) for cell in cells])
    return written.getvalue()


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{cell}" if cell.startswith(STARTS_A_FORMULA) else cell
