"""What was sent to a customer, held and dropped, on the page of the customer."""

from __future__ import annotations

from kizuna.web.accounts.models import Person, Role
from kizuna.web.act.gate import queries
from kizuna.web.act.gate.wording import line
from kizuna.web.know.customers.panels import Panel

SHOWN = 10


def contacts(customer_id: str, person: Person) -> Panel | None:
    """Show the latest decisions, where there are any."""
    found = queries.of_customer(customer_id, SHOWN)
    if not found:
        return None
    may_see_all = person.may(Role.MEMBER)
    shown = {"lines": [line(entry) for entry in found], "customer_id": customer_id}
    return Panel("gate/panel.html", shown | {"may_see_all": may_see_all})
