"""The parts of each table that a column may be, in the words of a page."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kizuna.pipeline.capture.standard.specs import SPECS
from kizuna.web.capture.imports.models import Table
from kizuna.web.capture.imports.wording import LABELS

CONSTANT = "="
"""Begins what is no column but the value of every row."""

WORDS: dict[str, str | Promise] = {
    "customer_id": _("Customer ID"),
    "name": _("Name"),
    "name_kana": _("Name in kana"),
    "kind": _("Kind"),
    "email": _("Mail address"),
    "phone": _("Phone"),
    "country": _("Country"),
    "region": _("Prefecture or region"),
    "city": _("City"),
    "address": _("Address"),
    "channel": _("Channel"),
    "acquired_on": _("Customer since"),
    "parent_id": _("Parent customer"),
    "owner_email": _("Mail address of the owner"),
    "contract_id": _("Contract number"),
    "product": _("Product or plan"),
    "started_on": _("Start of the contract"),
    "trial_until": _("End of the free trial"),
    "ended_on": _("End of the contract"),
    "term_months": _("Term in months"),
    "auto_renew": _("Renews by itself"),
    "notice_days": _("Notice in days"),
    "seats": _("Seats"),
    "amount": _("Amount"),
    "billing_months": _("Months a bill covers"),
    "currency": _("Currency column"),
    "cancelled_on": _("Cancelled on"),
    "cancel_reason": _("Reason of cancelling"),
    "billing_status": _("State of billing"),
    "change_id": _("Number of the change"),
    "changed_on": _("Changed on"),
    "event_id": _("Event number"),
    "happened_at": _("Moment"),
    "source": _("Source"),
    "properties": _("Properties (JSON)"),
    "interaction_id": _("Number of the contact"),
    "direction": _("Direction"),
    "case_id": _("Case number"),
    "agent": _("Who took it"),
    "subject": _("Subject"),
    "text": _("Text of it"),
    "wait_seconds": _("Seconds waited"),
    "minutes": _("Minutes"),
    "transfers": _("Times handed on"),
    "outcome": _("Outcome"),
    "response_id": _("Number of the answer"),
    "answered_at": _("Answered at"),
    "survey": _("Survey"),
    "score": _("Score"),
    "scale_low": _("Lowest score possible"),
    "scale_high": _("Highest score possible"),
    "comment": _("Comment"),
    "cost_id": _("Cost number"),
    "from_on": _("From, or the month"),
    "until_on": _("Until"),
    "note": _("Remark"),
}
VALUES: dict[str, str | Promise] = {
    "person": _("person"),
    "company": _("company"),
    "mail": _("mail"),
    "phone": _("phone"),
    "chat": _("chat"),
    "line": "LINE",
    "visit": _("visit"),
    "social": _("social media"),
    "in_person": _("in person"),
    "paper": _("letter or fax"),
    "in": _("from the customer"),
    "out": _("to the customer"),
    "nps": "NPS",
    "csat": "CSAT",
    "ces": "CES 2.0",
    "ces1": "CES 1.0",
    "custom": _("a scale of one's own"),
    "acquisition": _("winning customers"),
    "service": _("serving customers"),
    "programme": _("a programme"),
    "0": _("paid once"),
    "1": _("a month"),
    "3": _("three months"),
    "6": _("half a year"),
    "12": _("a year"),
    "running": _("running"),
    "ended": _("ended"),
    "not_begun": _("not begun"),
}
"""Words that a column of few values may hold."""


def names(table: str) -> tuple[str, ...]:
    """Name the parts of a table, in order."""
    if table == Table.ORDERS:
        return tuple(LABELS)
    return tuple(part.name for part in SPECS[table].parts)


def label(table: str, part: str) -> str:
    """Say what a part is."""
    return str(LABELS[part] if table == Table.ORDERS else WORDS[part])


def required(table: str) -> tuple[str, ...]:
    """Name the parts without which no row can be used."""
    if table == Table.ORDERS:
        return ("customer", "date")
    spec = SPECS[table]
    # one that can be found by another part, or is named by what it says, needs no key
    keyed = spec.is_named_by_content or len(spec.keys) > 1
    return spec.required if keyed else (spec.key, *spec.required)


def constants(table: str, part: str) -> list[tuple[str, str | Promise]]:
    """Give what may stand for every row of a file that has no such column."""
    if table == Table.ORDERS:
        return []
    found = SPECS[table].by_name[part]
    return [(CONSTANT + value, VALUES[value]) for value in found.choices]


def keys(table: str) -> tuple[str, ...]:
    """Name the parts that a record may be found by."""
    return () if table == Table.ORDERS else SPECS[table].keys


def keeps_more(table: str) -> str:
    """Name the part that keeps other columns; none where a table has none."""
    return "" if table == Table.ORDERS else SPECS[table].extra
