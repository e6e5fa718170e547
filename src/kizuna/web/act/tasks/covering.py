"""Who does somebody's tasks today: she herself, or whoever stands in while she is away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from kizuna.web.act.tasks.models import Absence, Task

MOST_STEPS = 5
"""Who stands in may be away too, and so on, this often."""


def standing_in(on: date) -> dict[int, int]:
    """Give, of each person who is away on a day, who stands in; the latest word counts."""
    away = Absence.objects.filter(from_on__lte=on, until_on__gte=on).order_by("said_at", "pk")
    return dict(away.values_list("person", "cover"))


def does(task: Task, covers: Mapping[int, int]) -> int | None:
    """Give whose turn a task is: the owner's, or her stand-in's while she is away.

    None: nobody's, it waits for whoever takes it. Where stand-ins lead in a circle everybody in it
    is away, and the task stays with its owner.
    """
    if task.owner_id is None or task.owner_id not in covers:
        return task.owner_id
    if task.cover_id is not None and task.cover_id not in covers:
        return task.cover_id
    return end_of(task.owner_id, covers)


def end_of(person: int, covers: Mapping[int, int]) -> int:
    """Follow stand-ins to the one who is here."""
    now = person
    for _ in range(MOST_STEPS):
        if now not in covers:
            return now
        now = covers[now]
    return person


def covered_by(person: int, covers: Mapping[int, int]) -> list[int]:
    """Name the people for whom somebody stands in."""
    return [away for away in covers if away != person and end_of(away, covers) == person]


def may_be_doing(person: int, covers: Mapping[int, int]) -> Iterable[int]:
    """Name the owners whose tasks may be somebody's turn: her own, and of everyone away."""
    return [person, *covers]
