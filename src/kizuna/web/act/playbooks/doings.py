"""What a playbook has done: tasks, messages, what they cost; counted, and page by page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet, Sum

from kizuna.web.accounts.models import Person
from kizuna.web.act.actions.models import Action, Deed
from kizuna.web.act.messages import queries as messages
from kizuna.web.act.messages.models import UNDER_WAY, OutboxMessage
from kizuna.web.act.messages.models import State as MessageState
from kizuna.web.act.playbooks.queries import names_of
from kizuna.web.act.tasks.models import State as TaskState
from kizuna.web.act.tasks.models import Task
from kizuna.web.act.tasks.queries import visible

A_PAGE = 50
WHAT = ("tasks", "messages")


@dataclass(frozen=True, slots=True)
class Doings:
    """How much a playbook has done; `cost` in minor units of the currency in use then."""

    tasks_open: int
    tasks_done: int
    tasks_dropped: int
    messages_sent: int
    messages_under_way: int
    messages_not_sent: int
    deeds: int
    cost: int


def doings(action: Action) -> Doings:
    """Count what was done for an action."""
    tasks = _by_state(Task.objects.filter(action=action))
    sent = _by_state(OutboxMessage.objects.filter(action=action))
    cost = Deed.objects.filter(action=action).aggregate(many=Count("pk"), cost=Sum("cost"))
    under_way = sum(sent.get(state, 0) for state in UNDER_WAY)
    there = sent.get(MessageState.SENT, 0)
    return Doings(
        tasks_open=tasks.get(TaskState.OPEN, 0),
        tasks_done=tasks.get(TaskState.DONE, 0),
        tasks_dropped=tasks.get(TaskState.DROPPED, 0),
        messages_sent=there,
        messages_under_way=under_way,
        messages_not_sent=sum(sent.values()) - under_way - there,
        deeds=cost["many"],
        cost=cost["cost"] or 0,
    )


def _by_state(rows: QuerySet[Any]) -> dict[str, int]:
    counted: Iterable[tuple[str, int]] = (
        rows.order_by().values_list("state").annotate(n=Count("pk"))
    )
    return dict(counted)


def tasks_of(
    action: Action, person: Person, number: str | None
) -> tuple[Page[Task], list[tuple[Task, str]]]:
    """Give a page of the tasks that it opened, the latest first, each with its customer's name."""
    rows = visible(person).filter(action=action).exclude(state=TaskState.HELD)
    page = Paginator(rows.order_by("-opened_at", "-pk"), A_PAGE).get_page(number)
    names = names_of([task.customer_id for task in page])
    return page, [(task, names.get(task.customer_id) or task.customer_id) for task in page]


def messages_of(action: Action, number: str | None) -> messages.Lines:
    """Give a page of the messages that it sent, or is to send, the latest first."""
    known = number is not None and number.isascii() and number.isdigit() and len(number) < 6
    return messages.of_action(action.pk, max(1, int(number)) if known and number else 1)
