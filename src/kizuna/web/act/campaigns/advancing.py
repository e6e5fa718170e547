"""Place the audience, and take each customer through the steps; every batch is all or nothing.

Whoever is killed between two batches goes on where the last one ended: the cursor, the rows and the
messages are in one transaction, and a message has a key.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from kizuna.web.act.actions.models import State
from kizuna.web.act.actions.services import place
from kizuna.web.act.campaigns.audience import ids_of
from kizuna.web.act.campaigns.models import Campaign, Enrolled, Phase, Step
from kizuna.web.act.messages.models import UNDER_WAY, OutboxMessage
from kizuna.web.act.messages.services import enqueue_many, key_of
from kizuna.web.know.customers.models import CustomerFact

A_BATCH = 500
BUDGET = 20.0
LATER = timedelta(hours=1)
"""When a step is looked at again whose former message is still on its way."""
DONE, BOUGHT = "done", "bought"


def go_on(pk: int, *, budget: float = BUDGET) -> bool:
    """Do what is due for a campaign, for as long as others can wait; say whether more is due."""
    ends = time.monotonic() + budget
    campaign = Campaign.objects.select_related("action").filter(pk=pk).first()
    if campaign is None or campaign.action.state != State.LIVE:
        return False
    if campaign.phase == Phase.GATHERING and not gather(campaign, ends):
        return True
    while time.monotonic() < ends:
        if not step(campaign, timezone.now()):
            _end(campaign)
            return False
    return True


def gather(campaign: Campaign, ends: float) -> bool:
    """Place the audience by chance and enrol the treated; say whether all are placed."""
    everyone = ids_of(campaign)
    Campaign.objects.filter(pk=campaign.pk).update(audience=len(everyone))
    at = bisect_right(everyone, campaign.gathered_to) if campaign.gathered_to else 0
    while at < len(everyone):
        if time.monotonic() > ends:
            return False
        _enrol(campaign, everyone[at : at + A_BATCH])
        at += A_BATCH
    Campaign.objects.filter(pk=campaign.pk).update(phase=Phase.SENDING)
    campaign.phase = Phase.SENDING
    return True


def _enrol(campaign: Campaign, some: Sequence[str]) -> None:
    now = timezone.now()
    with transaction.atomic():
        placed = place(action=campaign.action, customer_ids=some, reason="campaign", at=now)
        treated = [one for one in some if placed[one].is_treated]
        Enrolled.objects.bulk_create(
            [
                Enrolled(
                    campaign=campaign, customer_id=one, arm=placed[one].arm,
                    wake_at=max(now, campaign.starts_at or now),
                )
                for one in treated
            ],
            ignore_conflicts=True,
        )  # fmt: skip
        Campaign.objects.filter(pk=campaign.pk).update(
            gathered_to=some[-1],
            placed=F("placed") + len(some),
            left_alone=F("left_alone") + len(some) - len(treated),
        )


def due(campaign: Campaign, now: datetime) -> QuerySet[Enrolled]:
    """Give whose next step has come."""
    return Enrolled.objects.filter(campaign=campaign, wake_at__lte=now).order_by("wake_at", "pk")


def step(campaign: Campaign, now: datetime) -> int:
    """Take a batch of customers one step on; give how many."""
    with transaction.atomic():
        # whoever else is at it waits here, and then finds these rows further on
        Campaign.objects.select_for_update().filter(pk=campaign.pk).update(phase=F("phase"))
        some = list(due(campaign, now)[:A_BATCH])
        if some:
            _take(campaign, some, now)
    return len(some)


def _take(campaign: Campaign, some: Sequence[Enrolled], now: datetime) -> None:
    steps = {(one.number, one.arm): one for one in _steps(campaign)}
    bought = _who_bought(campaign, some)
    on_their_way = _on_their_way(campaign, some)
    groups: defaultdict[Step, list[str]] = defaultdict(list)
    for one in some:
        now_due = steps.get((one.step, one.arm)) or steps.get((one.step, ""))
        if one.customer_id in bought:
            one.wake_at, one.ended = None, BOUGHT
        elif one.customer_id in on_their_way:
            one.wake_at = now + LATER
        elif now_due is None:
            one.wake_at, one.ended = None, DONE
        else:
            groups[now_due].append(one.customer_id)
            _move_on(one, steps, now)
    for found, ids in groups.items():
        enqueue_many(
            action=campaign.action, customer_ids=ids, step=str(found.number),
            template=found.template, at=now, hours=campaign.hours, priority=campaign.priority,
        )  # fmt: skip
    Enrolled.objects.bulk_update(some, ["step", "wake_at", "ended"])


def _move_on(one: Enrolled, steps: dict[tuple[int, str], Step], now: datetime) -> None:
    one.step += 1
    following = steps.get((one.step, one.arm)) or steps.get((one.step, ""))
    if following is None:
        one.wake_at, one.ended = None, DONE
    else:
        one.wake_at = now + timedelta(hours=following.wait_hours)


def _steps(campaign: Campaign) -> list[Step]:
    return list(Step.objects.filter(campaign=campaign).select_related("template"))


def _on_their_way(campaign: Campaign, some: Sequence[Enrolled]) -> set[str]:
    """Name those whose former message is still held or waits: no second one overtakes a first."""
    keys = {
        key_of(campaign.action, one.customer_id, str(one.step - 1)): one.customer_id
        for one in some
        if one.step > 1
    }
    waiting = OutboxMessage.objects.filter(key__in=keys, state__in=UNDER_WAY)
    return {keys[key] for key in waiting.values_list("key", flat=True)}


def _who_bought(campaign: Campaign, some: Sequence[Enrolled]) -> set[str]:
    """Name those who bought since the campaign began, where that ends it for them."""
    if not campaign.stops_on_order or campaign.begun_at is None:
        return set()
    since = timezone.localdate(campaign.begun_at)
    ids = [one.customer_id for one in some if one.step > 1]
    rows = CustomerFact.objects.filter(pk__in=ids, last_purchase__gte=since)
    return set(rows.values_list("customer_id", flat=True))


def _end(campaign: Campaign) -> None:
    """Note that nobody has a step to come any more."""
    if not Enrolled.objects.filter(campaign=campaign, wake_at__isnull=False).exists():
        Campaign.objects.filter(pk=campaign.pk, phase=Phase.SENDING).update(
            phase=Phase.DONE, ended_at=timezone.now()
        )
