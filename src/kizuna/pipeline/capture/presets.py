"""Export files of other tools, known by their headings: which of their columns is which part.

A preset holds only what a column really says: what a tool counts in another unit, or means
otherwise, is left for a person to name. What a person names always wins.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ORDERS = "transactions"


@dataclass(frozen=True, slots=True)
class Preset:
    """One kind of export file.

    Attributes
    ----------
    table : what its rows are.
    marks : columns by which it is known; all must be there.
    parts : part → column, or '=value' of every row, or columns of which the first that is there
        is taken; a column that is not there is left out.

    """

    tool: str
    table: str
    marks: tuple[str, ...]
    parts: Mapping[str, str | tuple[str, ...]]


PRESETS = (
    Preset(
        "Shopify orders",
        ORDERS,
        ("Name", "Email", "Financial Status", "Lineitem quantity", "Lineitem name"),
        {
            "order": "Name",
            "customer": "Email",
            "date": "Created at",
            "amount": "Total",
            "currency": "Currency",
        },
    ),
    Preset(
        "Shopify customers",
        "customers",
        ("Customer ID", "First Name", "Last Name", "Accepts Email Marketing", "Total Spent"),
        {
            "customer_id": "Customer ID",
            "email": "Email",
            "phone": "Phone",
            "country": "Default Address Country Code",
            "region": "Default Address Province Code",
            "city": "Default Address City",
        },
    ),
    Preset(
        "Stripe payments",
        ORDERS,
        ("id", "Created (UTC)", "Amount", "Amount Refunded", "Customer ID"),
        {
            "order": "id",
            "customer": "Customer ID",
            "date": "Created (UTC)",
            "amount": "Amount",
            "currency": "Currency",
        },
    ),
    Preset(
        "Stripe subscriptions",
        "contracts",
        ("id", "Customer ID", "Status", "Current Period Start (UTC)", "Current Period End (UTC)"),
        {
            "contract_id": "id",
            "customer_id": "Customer ID",
            "product": ("Plan", "Product"),
            "started_on": ("Start Date (UTC)", "Created (UTC)", "Start (UTC)"),
            "trial_until": "Trial End (UTC)",
            "ended_on": "Ended At (UTC)",
            "auto_renew": "=true",
            "seats": "Quantity",
            "amount": "Amount",
            "billing_months": "Interval",
            "currency": "Currency",
            "billing_status": "Status",
            "cancelled_on": "Canceled At (UTC)",
            "cancel_reason": "Cancellation Reason",
        },
    ),
    Preset(
        "Zendesk tickets",
        "interactions",
        ("Id", "Requester id", "Via", "Created at", "Group stations", "Assignee stations"),
        {
            "interaction_id": "Id",
            "case_id": "Id",
            "customer_id": "Requester id",
            "happened_at": "Created at",
            "channel": "Via",
            "direction": "=in",
            "agent": "Assignee",
            "subject": "Subject",
            "outcome": "Status",
        },
    ),
    Preset(
        "HubSpot companies",
        "customers",
        ("Record ID", "Company name", "Create Date"),
        {
            "customer_id": "Record ID",
            "name": "Company name",
            "kind": "=company",
            "phone": "Phone Number",
            "country": "Country/Region",
            "region": "State/Region",
            "city": "City",
            "acquired_on": "Create Date",
        },
    ),
    Preset(
        "HubSpot contacts",
        "customers",
        ("Record ID", "First Name", "Last Name", "Email"),
        {
            "customer_id": "Record ID",
            "email": "Email",
            "phone": "Phone Number",
            "country": "Country/Region",
            "region": "State/Region",
            "city": "City",
            "acquired_on": "Create Date",
        },
    ),
    Preset(
        "Salesforce accounts",
        "customers",
        ("Id", "IsDeleted", "MasterRecordId", "Name", "ParentId"),
        {
            "customer_id": "Id",
            "name": "Name",
            "kind": "=company",
            "phone": "Phone",
            "country": "BillingCountry",
            "region": "BillingState",
            "city": "BillingCity",
            "parent_id": "ParentId",
            "acquired_on": "CreatedDate",
        },
    ),
)
"""The first that fits is taken."""


def preset_of(columns: Sequence[str]) -> Preset | None:
    """Find the tool that a file was exported from; None where the headings are of none known."""
    there = {_normal(column) for column in columns}
    return next((p for p in PRESETS if there.issuperset(map(_normal, p.marks))), None)


def parts_of(columns: Sequence[str], table: str) -> dict[str, str]:
    """Say which column is which part of a table, where the file is an export that is known."""
    preset = preset_of(columns)
    if preset is None or preset.table != table:
        return {}
    names = {_normal(column): column for column in reversed(columns)}
    found = {part: _there(wanted, names) for part, wanted in preset.parts.items()}
    return {part: column for part, column in found.items() if column}


def _there(wanted: str | tuple[str, ...], names: Mapping[str, str]) -> str:
    """Give the first of the columns that is there, as the file writes it; '' where none is."""
    columns = (wanted,) if isinstance(wanted, str) else wanted
    there = (c if c.startswith("=") else names.get(_normal(c), "") for c in columns)
    return next(filter(None, there), "")


def _normal(name: str) -> str:
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", name).lower())
