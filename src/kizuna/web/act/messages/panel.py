"""What was written to a customer, on the page of the customer."""

from __future__ import annotations

from kizuna.web.accounts.models import Person
from kizuna.web.act.messages import queries
from kizuna.web.know.customers.panels import Panel

SHOWN = 10


def messages(customer_id: str, person: Person) -> Panel | None:
    """Show the latest messages, where there are any."""
    found = queries.of_customer(customer_id, SHOWN)
    return Panel("messages/panel.html", {"lines": found}) if found else None
