"""What was sent to a customer, held and dropped, on the page of the customer."""

from __future__ import annotations

from kizuna.web.accounts.models import Person
from kizuna.web.act.gate import queries
from kizuna.web.act.gate.wording import reason_of
from kizuna.web.know.customers.panels import Panel

SHOWN = 10


def contacts(customer_id: str, person: Person) -> Panel | None:
    """Show the latest decisions, where there are any."""
    found = queries.of_customer(customer_id, SHOWN)
    if not found:
        return None
    lines = [(entry, reason_of(entry.reason)) for entry in found]
    return Panel("gate/panel.html", {"lines": lines, "customer_id": customer_id})
