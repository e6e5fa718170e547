"""Tasks on other pages: a customer's, and My day."""

from __future__ import annotations

from django.utils import timezone

from kizuna.pipeline.business_days import between
from kizuna.web.accounts.models import Person, Role
from kizuna.web.act.tasks import queries, wording
from kizuna.web.act.tasks.days import closed_around, day_of
from kizuna.web.know.customers.panels import Panel
from kizuna.web.know.day.sections import Section

FIRST = 10


def panel(customer_id: str, person: Person) -> Panel:
    """Show a customer's tasks."""
    today = day_of(timezone.now())
    closed = closed_around(today)
    shown = [
        (
            task,
            wording.ended(task) if task.ended_at else ("", ""),
            wording.due_text(between(today, task.due_on, closed), is_past=task.due_on < today),
        )
        for task in queries.of_customer(customer_id)
    ]
    may = person.may(Role.MEMBER)
    return Panel(
        "tasks/panel.html", {"tasks": shown, "customer_id": customer_id, "may_change": may}
    )


def section(person: Person) -> Section | None:
    """Show what fits into today; nothing where no task waits."""
    found = queries.queue(person)
    if not found.rows:
        return None
    today = found.for_today or found.rows[:1]
    values = {
        "lines": [line for line in wording.lines(found) if line.row in today][:FIRST],
        "all": len(found.rows) + found.more,
        "too_late": found.too_late,
    }
    return Section("tasks/section.html", values)
