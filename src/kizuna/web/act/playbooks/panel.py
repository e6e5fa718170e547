"""The playbooks of a customer, on her page."""

from __future__ import annotations

from kizuna.web.accounts.models import Person
from kizuna.web.act.playbooks.models import Enrolment
from kizuna.web.capture.identities.queries import belonging
from kizuna.web.know.customers.panels import Panel

SHOWN = 10


def of_customer(customer_id: str, person: Person) -> Panel | None:
    """Give the playbooks that a customer is in or was in, the latest first."""
    kept = Enrolment.objects.filter(belonging(customer_id)).order_by("-entered_at", "-pk")
    found = list(kept.select_related("playbook__action")[:SHOWN])
    return Panel("playbooks/panel.html", {"enrolments": found}) if found else None
