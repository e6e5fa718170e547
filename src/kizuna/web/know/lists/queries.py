"""Reads: the views that a person may use, and how a bulk action stands."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from kizuna.web.accounts.models import Person
from kizuna.web.jobs.models import ALIVE, Job
from kizuna.web.know.lists.models import BulkAction, SavedView


@dataclass(frozen=True, slots=True)
class Standing:
    """A bulk action and its job."""

    action: BulkAction
    job: Job | None

    @property
    def is_working(self) -> bool:
        """Whether it waits or runs."""
        return self.job is not None and self.job.state in ALIVE


def views_for(person: Person) -> QuerySet[SavedView]:
    """List a person's views, and those that others share."""
    mine_or_shared = Q(person=person) | Q(shared=True)
    return SavedView.objects.filter(mine_or_shared).select_related("person").order_by("name", "pk")


def standing(pk: int) -> Standing | None:
    """Give a bulk action; None where there is none."""
    action = BulkAction.objects.select_related("tag", "owner", "actor").filter(pk=pk).first()
    if action is None:
        return None
    job = None if action.job is None else Job.objects.filter(pk=action.job).first()
    return Standing(action, job)
