"""Tasks for the tests of the queue, at an address that a worker in another process finds too."""

from __future__ import annotations

from django.tasks import task


@task
def note(text: str) -> str:
    return text


@task
def broken() -> None:
    raise ValueError("no such luck")
