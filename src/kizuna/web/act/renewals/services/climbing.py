"""Each day: which renewals have come to a rung, and who must say something by when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import batched

from django.db import transaction
from django.utils import timezone

from kizuna.jobs.renewals import on_ladder, say_by
from kizuna.web.act.actions.models import Action
from kizuna.web.act.actions.models import State as ActionState
from kizuna.web.act.actions.services import place
from kizuna.web.act.messages.models import OutboxMessage
from kizuna.web.act.messages.services import enqueue
from kizuna.web.act.renewals.models import Ladder, Renewal, Rung, State, Step
from kizuna.web.act.renewals.services.choosing import ladders, members_of, put
from kizuna.web.act.renewals.services.escalating import silences
from kizuna.web.act.tasks.days import closed_around, day_of, due
from kizuna.web.act.tasks.models import Source, Task
from kizuna.web.act.tasks.services import open_task

A_PART = 200


@dataclass(frozen=True, slots=True)
class Plan:
    """The ladders as they are today, each with its rungs, the earliest first."""

    ladders: Sequence[Ladder]
    rungs: Mapping[int, Sequence[Rung]]
    members: Mapping[int, frozenset[str]]
    today: date
    closed: frozenset[date]
    at: datetime

    def action_of(self, rung: Rung) -> Action:
        """Give the action that a rung is part of."""
        ladder = next(one for one in self.ladders if one.pk == rung.ladder_id)
        found: Action = ladder.duty if rung.is_duty else ladder.action
        return found

    def day(self, renewal: Renewal, rung: Rung) -> date:
        """Give the day of a rung for a renewal."""
        return on_ladder(renewal.decide_by, rung.days_before, self.closed)


def climb(*, at: datetime | None = None) -> int:
    """Take the rungs that are due, ask who must speak, escalate silence; give how many rungs.

    Nothing is done on a ladder before it is switched on. A second run on the same day changes
    nothing.
    """
    plan = _plan(at or timezone.now())
    if plan is None:
        return 0
    coming = Renewal.objects.filter(state=State.OPEN)
    taken = 0
    for part in batched(list(coming.order_by("pk").values_list("pk", flat=True)), A_PART):
        with transaction.atomic():
            taken += _part(part, plan)
    live = [one for one in plan.ladders if one.action.state == ActionState.LIVE]
    silences(plan.today, plan.at, live)
    return taken


def ask_again(renewal: Renewal) -> None:
    """Set by when a person must speak next; saved by the caller."""
    ladder = renewal.ladder or Ladder.objects.filter(pk=Ladder.THE_ONE).first()
    if ladder is not None:
        today = renewal.said_on or renewal.seen_on
        renewal.say_by = _say_by(renewal, ladder, today, closed_around(renewal.decide_by))


def _plan(at: datetime) -> Plan | None:
    offered = ladders()
    if not offered:
        return None
    kept = Rung.objects.filter(taken_off_at=None).order_by("-days_before", "pk")
    rungs: dict[int, list[Rung]] = {one.pk: [] for one in offered}
    for rung in kept.select_related("template"):
        rungs.setdefault(rung.ladder_id or Ladder.THE_ONE, []).append(rung)
    today = day_of(at)
    return Plan(offered, rungs, members_of(offered), today, closed_around(today), at)


def _part(pks: Sequence[int], plan: Plan) -> int:
    kept = Renewal.objects.select_for_update(of=("self",)).select_related("ladder")
    some = list(kept.filter(pk__in=pks, state=State.OPEN))
    Renewal.objects.bulk_update(put(some, plan.ladders, plan.members), ["ladder"])
    taken: dict[int, set[int]] = {renewal.pk: set() for renewal in some}
    for renewal_id, rung_id in Step.objects.filter(renewal__in=some).values_list("renewal", "rung"):
        taken[renewal_id].add(rung_id)
    asked = [renewal for renewal in some if _asks_anew(renewal, plan)]
    Renewal.objects.bulk_update(asked, ["say_by"])
    return sum(_climb(renewal, taken[renewal.pk], plan) for renewal in some)


def _asks_anew(renewal: Renewal, plan: Plan) -> bool:
    if renewal.ladder is None:
        return False
    before = renewal.say_by
    renewal.say_by = _say_by(renewal, renewal.ladder, plan.today, plan.closed)
    return before != renewal.say_by


def _say_by(renewal: Renewal, ladder: Ladder, today: date, closed: frozenset[date]) -> date | None:
    if today > renewal.decide_by:
        return None
    return say_by(
        renewal.decide_by,
        ladder.checkpoints,
        said_on=renewal.said_on,
        seen_on=renewal.seen_on,
        closed=closed,
    )


def _climb(renewal: Renewal, taken: set[int], plan: Plan) -> int:
    """Take the rungs of one renewal that are due: of help that is late, only the last."""
    if plan.today > renewal.decide_by or renewal.ladder_id is None:
        return 0
    reached = [
        rung
        for rung in plan.rungs[renewal.ladder_id]
        if rung.pk not in taken
        and plan.action_of(rung).state == ActionState.LIVE
        and plan.day(renewal, rung) <= plan.today
    ]
    last = next((rung for rung in reversed(reached) if not rung.is_duty), None)
    for rung in reached:
        if rung.is_duty or rung is last:
            _take(renewal, rung, plan)
        else:
            Step.objects.create(renewal=renewal, rung=rung, at=plan.at, was_skipped=True)
    return len(reached)


def _take(renewal: Renewal, rung: Rung, plan: Plan) -> None:
    task = _task(renewal, rung, plan) if rung.opens_task else None
    message = _message(renewal, rung, plan) if rung.template else None
    kept = task if task is not None and task.pk else None
    Step.objects.create(renewal=renewal, rung=rung, task=kept, message=message, at=plan.at)


def _task(renewal: Renewal, rung: Rung, plan: Plan) -> Task:
    """Open the task of a rung, due soon and by the deadline at the latest."""
    soon = due(plan.today, 1 if rung.is_duty else 3)
    return open_task(
        key=f"renewal:{renewal.pk}:{rung.pk}",
        customer_id=renewal.customer_id,
        title=rung.title,
        body=rung.body,
        action=plan.action_of(rung),
        at=plan.at,
        due_on=min(soon, renewal.decide_by),
        play=f"{renewal.contract_id} {renewal.ends_on.isoformat()}",
        source=Source.RENEWAL,
        planned_minutes=rung.planned_minutes,
    )


def _message(renewal: Renewal, rung: Rung, plan: Plan) -> OutboxMessage | None:
    """Queue the message of a rung, if chance lets it; the gate decides when it goes out."""
    action, who = plan.action_of(rung), renewal.customer_id
    reason = f"renewal {renewal.pk}"
    placed = place(action=action, customer_ids=[who], reason=reason, at=plan.at)
    if rung.template is None or not placed[who].is_treated:
        return None
    return enqueue(
        action=action,
        customer_id=renewal.customer_id,
        step=f"renewal-{renewal.pk}-{rung.pk}",
        template=rung.template,
        at=plan.at,
        values={
            "contract": renewal.contract_id,
            "product": renewal.product,
            "ends_on": renewal.ends_on.isoformat(),
            "decide_by": renewal.decide_by.isoformat(),
        },
    )
