"""Renewals on other pages: a customer's, and My day."""

from __future__ import annotations

from kizuna.web.accounts.models import Person
from kizuna.web.act.renewals import queries, wording
from kizuna.web.act.tasks.days import today
from kizuna.web.know.customers.panels import Panel
from kizuna.web.know.day.sections import Section


def panel(customer_id: str, person: Person) -> Panel | None:
    """Show a customer's renewals; nothing of who has none."""
    found = queries.of_customer(customer_id)
    if not found:
        return None
    table = wording.customer_table(found, today())
    return Panel("renewals/panel.html", {"table": table})


def section(person: Person) -> Section | None:
    """Show of which renewals a person must speak and, to managers, what was put before them."""
    asked, escalated = queries.waiting_for(person)
    if not asked and not escalated:
        return None
    lines = queries.lines([*asked, *(one.renewal for one in escalated)])
    values = {
        "asked": [(line, wording.to_say(line.renewal, today())) for line in lines[: len(asked)]],
        "escalated": list(zip(lines[len(asked) :], escalated, strict=True)),
    }
    return Section("renewals/section.html", values)
