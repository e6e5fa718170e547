"""What the worker does for many customers at once: in parts, each done once."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from kizuna.web.jobs import progress
from kizuna.web.jobs.tasks import job
from kizuna.web.know.customers.filters import filtered
from kizuna.web.know.customers.forms import FilterForm
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.customers.paging import Facts
from kizuna.web.know.lists import services
from kizuna.web.know.lists.models import BulkAction, Deed
from kizuna.web.know.profiles.services import details, tags

A_PART = 1_000


@job(title=_("Change many customers"), unique=lambda pk: f"bulk {pk}")
def run_bulk(pk: int) -> None:
    """Do what was asked to every customer, in the order of their ids; begun again, go on."""
    action = BulkAction.objects.select_related("tag", "owner", "actor").get(pk=pk)
    if action.finished_at is not None:
        return
    everyone = found_by(action)
    total = max(everyone.count(), 1)
    while part := _next(everyone, action.reached):
        with transaction.atomic():
            _do(action, part)
            action.reached, action.done = part[-1], action.done + len(part)
            action.save(update_fields=["reached", "done"])
        progress.report(
            min(action.done / total, 1.0),
            gettext_noop("%(done)s of %(total)s customers"),
            done=action.done,
            total=total,
        )
    services.finish(action=action)


def found_by(action: BulkAction) -> Facts:
    """Give the customers whom an action is about."""
    if action.chosen is not None:
        return CustomerFact.objects.filter(pk__in=action.chosen)
    return filtered(FilterForm(QueryDict(action.query)).asked)


def _next(everyone: Facts, reached: str) -> list[str]:
    left = everyone.filter(pk__gt=reached) if reached else everyone
    return list(left.order_by("customer_id").values_list("pk", flat=True)[:A_PART])


def _do(action: BulkAction, part: Sequence[str]) -> None:
    if action.deed == Deed.OWNER:
        details.give_owner(actor=action.actor, customer_ids=part, owner=action.owner)
    elif action.tag is not None and action.deed == Deed.TAG:
        tags.put(tag=action.tag, customer_ids=part)
    elif action.tag is not None:
        tags.take(tag=action.tag, customer_ids=part)
