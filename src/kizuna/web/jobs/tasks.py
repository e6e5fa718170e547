"""Tasks with what the queue needs to know of them: tries, waits between them, a key, a title."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any, cast

from django.tasks import Task, task
from django.utils.functional import Promise

if TYPE_CHECKING:
    PlainTask = Task[..., Any]
else:
    PlainTask = Task

LONGEST_WAIT = timedelta(hours=1)


class PermanentError(Exception):
    """Raised by a task that another try cannot help: the job fails at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobTask(PlainTask):
    """A task of Django's with its rules in the queue; plain `@task` has the defaults."""

    title: str | Promise = ""
    max_attempts: int = 3
    backoff: timedelta = timedelta(seconds=10)
    unique: str | Callable[..., str] | None = None
    run_again: bool = False

    @property
    def label(self) -> str:
        """What people read: the title, or the name in words."""
        return str(self.title or self.name.replace("_", " ").capitalize())

    def key(self, args: list[Any], kwargs: dict[str, Any]) -> str | None:
        """Say which calls are one and the same while one of them waits or runs."""
        if callable(self.unique):
            return f"{self.module_path}:{self.unique(*args, **kwargs)}"
        return f"{self.module_path}:{self.unique}" if self.unique else None

    def wait(self, attempts: int, chance: Random) -> timedelta:
        """Double with each try, up to an hour; the jitter keeps failures from marching in step."""
        doubled: timedelta = self.backoff * (1 << min(attempts - 1, 20))
        return min(doubled, LONGEST_WAIT) * chance.uniform(0.5, 1.5)


def job[**P, R](
    *,
    title: str | Promise = "",
    priority: int = 0,
    max_attempts: int = 3,
    backoff: timedelta = timedelta(seconds=10),
    unique: str | Callable[..., str] | None = None,
    run_again: bool = False,
) -> Callable[[Callable[P, R]], Task[P, R]]:
    """Make a task of a function: Django's `@task` with the rules of `JobTask`.

    `unique` makes a second call, while one waits or runs, give the first instead; with `run_again`
    a call that comes while the first runs makes it run once more afterwards.
    """
    rules = {
        "title": title,
        "max_attempts": max_attempts,
        "backoff": backoff,
        "unique": unique,
        "run_again": run_again,
    }
    decorate = cast("Callable[..., Callable[[Callable[P, R]], Task[P, R]]]", task)
    return decorate(priority=priority, **rules)
