"""What a customer was asked and answered, on her page."""

from __future__ import annotations

from kizuna.web.accounts.models import Person
from kizuna.web.act.surveys import queries, wording
from kizuna.web.know.customers.panels import Panel

SHOWN = 5


def asked(customer_id: str, person: Person) -> Panel | None:
    """Show the latest surveys, where there are any."""
    del person  # whoever may see the customer may see her answers
    found = queries.of_customer(customer_id, SHOWN)
    if not found:
        return None
    return Panel("surveys/panel.html", {"lines": [wording.line(one) for one in found]})
