"""Facts in words: what each is called, and a value of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from kizuna.web.know.alerts.conditions import unit_of
from kizuna.web.know.alerts.models import Cause
from kizuna.web.know.customers.columns import COLUMNS
from kizuna.web.know.customers.definitions import definitions
from kizuna.web.ui.templatetags.ui import minor_money, writer

DEADLINES = ("days_to_notice", "days_to_renewal", "days_bound")


def label(fact: str) -> str:
    """Name a fact as all pages do."""
    found = definitions().get(fact)
    return str(found.label) if found else fact


def written(fact: str, value: Any, currency: str) -> str:
    """Write a value of a fact; what is not known is said, and is never 0."""
    if value is None:
        return _("no data")
    if unit_of(fact) == "minor":
        return minor_money(value, currency)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str):
        return _text(fact, value)
    if fact.endswith(("_change", "_change_90d", "_change_365d", "_probability", "p_alive")):
        return writer(currency).percent(value)
    return writer(currency).number(value, 0 if float(value).is_integer() else 1)


def _text(fact: str, value: str) -> str:
    column = COLUMNS.get(fact)
    try:
        return writer().day(date.fromisoformat(value))
    except ValueError:
        return column.written(value, writer()) if column else value


def tells(fact: str, before: Any, now: Any, cause: str) -> bool:
    """Whether a fact says something of what changed: it did, or it is a number to compare with.

    Who a customer is, and amounts, are no news where they were not known before; that a deadline
    comes nearer is news of a renewal alone.
    """
    if fact in DEADLINES and cause != Cause.RENEWAL:
        return False
    if isinstance(now, (bool, str)) or unit_of(fact) == "minor":
        return before is not None and before != now
    return True


def change(fact: str, before: Any, now: Any, currency: str) -> str:
    """Say what became of a fact."""
    shown = {"fact": label(fact), "now": written(fact, now, currency)}
    if before == now:
        return _("%(fact)s: %(now)s") % shown
    shown["before"] = written(fact, before, currency)
    return _("%(fact)s: %(before)s → %(now)s") % shown
