"""Customers come into playbooks: placed by chance first, and on the way once at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched

from django.db import transaction
from django.db.models import Max, QuerySet

from kizuna.web.act.actions.models import State as ActionState
from kizuna.web.act.actions.placing import foretold
from kizuna.web.act.actions.services import place
from kizuna.web.act.playbooks.models import OPEN, Enrolment, Playbook, State, Version
from kizuna.web.act.playbooks.plan import Plan, kept_plan
from kizuna.web.capture.identities.models import Link

A_PART = 500
"""Customers of one transaction."""
NOBODY = frozenset({"erased", *ActionState.values})
"""Whom chance does not place: who was erased, and everybody while the action is not live."""


@dataclass(slots=True)
class Entered:
    """What became of customers who were to enter."""

    going: int = 0
    held_out: int = 0
    not_again: int = 0
    """They are on the way already, or may not enter again yet."""


@dataclass(frozen=True, slots=True)
class _Before:
    """When a customer entered before: how often, when last, and whether she is on the way."""

    times: int = 0
    ended_at: datetime | None = None
    is_open: bool = False


def plan_in(version: Version) -> Plan:
    """Lay out a version."""
    return kept_plan(version.pk, version.said)


def live_playbooks() -> list[Playbook]:
    """Give the playbooks that customers enter now."""
    kept = Playbook.objects.filter(action__state=ActionState.LIVE, live__isnull=False)
    return list(kept.select_related("action", "live").order_by("pk"))


def enter(
    *, playbook: Playbook, customer_ids: Collection[str], reason: str, at: datetime
) -> Entered:
    """Have customers enter, a part a transaction; who may not, or is there already, does not.

    Chance places each when she becomes eligible; who is held out is kept as held out, and
    nothing is done with her.
    """
    entered = Entered()
    for part in batched(as_now(customer_ids), A_PART):
        with transaction.atomic():
            found = Playbook.objects.select_related("action", "live").get(pk=playbook.pk)
            if found.live is None or found.action.state != ActionState.LIVE:
                return entered
            _enter(found, found.live, part, reason, at, entered)
    return entered


def foretell(*, playbook: Playbook, customer_ids: Collection[str], at: datetime) -> dict[str, str]:
    """Say of each customer what `enter` would do: going, held_out, not_again, or nothing.

    Nothing is stored. Who is erased, and everybody while it is not live, is left out.
    """
    found: dict[str, str] = {}
    if playbook.live is None or playbook.action.state != ActionState.LIVE:
        return found
    plan = plan_in(playbook.live)
    for part in batched(as_now(customer_ids), A_PART):
        before = _before(playbook, list(part))
        may = [one for one in part if _may(plan, before.get(one), at)]
        found |= dict.fromkeys(set(part) - set(may), "not_again")
        placed = foretold(action=playbook.action, customer_ids=may, at=at)
        found |= {
            one: "going" if placed[one].is_treated else "held_out"
            for one in may
            if placed[one].why not in NOBODY
        }
    return found


def _enter(
    playbook: Playbook,
    version: Version,
    part: Iterable[str],
    reason: str,
    at: datetime,
    entered: Entered,
) -> None:
    plan, part = plan_in(version), list(part)
    before = _before(playbook, part)
    may = [one for one in part if _may(plan, before.get(one), at)]
    entered.not_again += len(part) - len(may)
    placed = place(action=playbook.action, customer_ids=may, reason=reason, at=at)
    made = []
    for one in may:
        if one not in placed or placed[one].why in NOBODY:
            continue
        treated = placed[one].is_treated
        times = before[one].times if one in before else 0
        made.append(_made(playbook, version, one, times + 1, treated, reason, at))
        entered.going += treated
        entered.held_out += not treated
    Enrolment.objects.bulk_create(made, ignore_conflicts=True)


def _made(
    playbook: Playbook,
    version: Version,
    customer_id: str,
    number: int,
    treated: bool,
    reason: str,
    at: datetime,
) -> Enrolment:
    return Enrolment(
        playbook=playbook,
        version=version,
        customer_id=customer_id,
        number=number,
        state=State.GOING if treated else State.HELD_OUT,
        wake_at=at if treated else None,
        entered_at=at,
        moved_at=at,
        ended_at=None if treated else at,
        reason=reason[:200],
    )


def _before(playbook: Playbook, ids: list[str]) -> Mapping[str, _Before]:
    mine: QuerySet[Enrolment] = Enrolment.objects.filter(playbook=playbook, customer_id__in=ids)
    open_ones = set(mine.filter(state__in=OPEN).values_list("customer_id", flat=True))
    rows = mine.values("customer_id").annotate(times=Max("number"), ended=Max("ended_at"))
    return {
        row["customer_id"]: _Before(row["times"], row["ended"], row["customer_id"] in open_ones)
        for row in rows
    }


def _may(plan: Plan, before: _Before | None, at: datetime) -> bool:
    """Whether a customer may enter, by the rule of who comes again."""
    if before is None:
        return True
    if before.is_open or plan.again == "never":
        return False
    if plan.again == "after_days" and before.ended_at is not None:
        return at - before.ended_at >= timedelta(days=plan.again_days)
    return True


def as_now(keys: Collection[str]) -> list[str]:
    """Give customers under the names that they have now."""
    links = Link.objects.filter(raw_customer_id__in=keys)
    now = dict(links.values_list("raw_customer_id", "customer_id"))
    return sorted({now.get(key, key) for key in keys})


def tally(found: Iterable[Entered]) -> Counter[str]:
    """Add up what became of several."""
    total: Counter[str] = Counter()
    for one in found:
        total.update(going=one.going, held_out=one.held_out, not_again=one.not_again)
    return total
