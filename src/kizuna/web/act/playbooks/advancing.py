"""The engine: whoever is due goes on, a batch a transaction, each step taking effect once.

A batch is read, what its rules ask for is looked up, and every customer is walked to her next wait
without the database being held. Then one transaction does the steps and moves the customers, those
only who still stand where they were read. A process that dies before the end of it has done
nothing, and the next one reads the same batch; two that read the same batch do it once between
them, for the second finds nobody where it read her. The key of `Effect` holds even where that
were to fail.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache, partial
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone

from kizuna.web.act.actions.models import State as ActionState
from kizuna.web.act.actions.placing import standing
from kizuna.web.act.playbooks import zones
from kizuna.web.act.playbooks.enrolling import plan_in
from kizuna.web.act.playbooks.hours import Clock
from kizuna.web.act.playbooks.leaving import withdraw
from kizuna.web.act.playbooks.meeting import same_now
from kizuna.web.act.playbooks.models import OPEN, Effect, Enrolment, Passed, State, Version
from kizuna.web.act.playbooks.plan import Plan
from kizuna.web.act.playbooks.steps import KINDS, Doing, StepError
from kizuna.web.act.playbooks.truths import Truths, truths
from kizuna.web.act.playbooks.walking import Deed, Move, Standing, move
from kizuna.web.know.publications.services import business_calendar

log = logging.getLogger("kizuna.playbooks")

A_BATCH = 1_000
MOST_TRIES = 6
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
PAUSED_WAIT = timedelta(minutes=10)
"""How soon customers of a playbook that is paused are looked at again."""
batch = transaction.atomic
"""All that a batch writes is written at once; the tests take it away to see what then happens."""
ENDS = {
    "done": State.DONE,
    "exited": State.EXITED,
    "lost": State.STUCK,
    "held_out": State.HELD_OUT,
}


@dataclass(slots=True)
class Going:
    """An enrolment as it was read, and what is to become of it."""

    row: Enrolment
    plan: Plan
    goes: Move

    @property
    def at(self) -> Standing:
        """Where she stands."""
        return Standing(self.row.customer_id, self.row.step, self.row.turn)


def due(now: datetime, limit: int = A_BATCH) -> list[Enrolment]:
    """Give who is to go on, who waits longest first."""
    kept = Enrolment.objects.filter(state=State.GOING, wake_at__lte=now)
    return list(kept.order_by("wake_at", "id")[:limit])


def advance(now: datetime | None = None, limit: int = A_BATCH) -> int:
    """Take one batch on; give how many customers were due."""
    at = now or timezone.now()
    rows = due(at, limit)
    if not rows:
        return 0
    versions = _versions(rows)
    rows = same_now(_of_live(rows, versions, at), at)
    going = without_held_out(_walked(rows, versions, at), versions, at)
    with batch():
        _write(_still_there(going, at), at)
    return len(rows) or 1


def _versions(rows: Iterable[Enrolment]) -> Mapping[int, Version]:
    keys = {row.version_id for row in rows}
    kept = Version.objects.filter(pk__in=keys).select_related("playbook__action")
    return {version.pk: version for version in kept}


def _of_live(
    rows: Sequence[Enrolment], versions: Mapping[int, Version], at: datetime
) -> list[Enrolment]:
    """Leave those of paused playbooks where they stand; nothing is done while it is paused."""
    is_live = {
        pk: version.playbook.action.state == ActionState.LIVE for pk, version in versions.items()
    }
    paused = [row.pk for row in rows if not is_live[row.version_id]]
    if paused:
        waiting = Enrolment.objects.filter(pk__in=paused, state=State.GOING, wake_at__lte=at)
        waiting.update(wake_at=at + PAUSED_WAIT)
    return [row for row in rows if is_live[row.version_id]]


def clock() -> Clock:
    """Give the clock of the organisation."""
    return Clock(ZoneInfo(settings.TIME_ZONE), business_calendar(), zones.zone_of)


def _walked(
    rows: Sequence[Enrolment], versions: Mapping[int, Version], at: datetime
) -> list[Going]:
    plans = {pk: plan_in(version) for pk, version in versions.items()}
    held, tells = _held(rows, plans), clock()
    going = []
    for row in rows:
        plan = plans[row.version_id]
        here = Standing(row.customer_id, row.step, row.turn)
        # a clock that was set back: nobody moves before she last did
        now = max(at, row.moved_at)
        goes = move(plan, here, now, partial(_is_so, held, row.customer_id), tells)
        going.append(Going(row, plan, goes))
    return going


def _is_so(held: Truths, customer_id: str, text: str) -> bool:
    return customer_id in held[text]


def without_held_out(
    going: Sequence[Going], versions: Mapping[int, Version], at: datetime
) -> list[Going]:
    """End those to whom nothing may be done any more: held out since, in one way or another."""
    asked: defaultdict[int, list[Going]] = defaultdict(list)
    for one in going:
        if one.goes.deeds:
            asked[one.row.playbook_id].append(one)
    actions = {v.playbook_id: v.playbook.action for v in versions.values()}
    for playbook, some in asked.items():
        ids = [one.row.customer_id for one in some]
        placed = standing(actions[playbook], ids, at)
        for one in some:
            found = placed.get(one.row.customer_id)
            if actions[playbook].is_optional and (found is None or not found.is_treated):
                one.goes = Move(one.row.step, one.row.turn, None, "held_out")
    return list(going)


def _held(rows: Sequence[Enrolment], plans: Mapping[int, Plan]) -> Truths:
    asked: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        for text in plans[row.version_id].rules:
            asked[text].add(row.customer_id)
    return truths(asked)


def _still_there(going: Sequence[Going], at: datetime) -> list[Going]:
    """Lock the enrolments, and keep those that stand as they were read and are still due."""
    ids = [one.row.pk for one in going]
    kept = Enrolment.objects.filter(pk__in=ids, state=State.GOING, wake_at__lte=at)
    if connection.features.has_select_for_update:
        skips = connection.features.has_select_for_update_skip_locked
        kept = kept.select_for_update(skip_locked=skips)
    now = {row[0]: row[1:] for row in kept.values_list("pk", "customer_id", "step", "turn")}
    return [
        one
        for one in going
        if now.get(one.row.pk) == (one.row.customer_id, one.row.step, one.row.turn)
    ]


def _write(going: Sequence[Going], at: datetime) -> None:
    came: Counter[tuple[int, str]] = Counter()
    failed: Counter[tuple[int, str]] = Counter()
    for one in going:
        if one.goes.deeds:
            _do_all(one, max(at, one.row.moved_at), failed)
        came.update((one.row.version_id, step) for step in one.goes.passed)
        if one.goes.ended in ("exited", "held_out"):
            action = one.row.playbook.action
            withdraw(action=action, customer_ids=[one.row.customer_id], at=at)
    _move(going, at)
    _count(came, failed)


def _do_all(one: Going, at: datetime, failed: Counter[tuple[int, str]]) -> None:
    """Do the steps in their order; at one that cannot be done she stops, to try again."""
    for deed in one.goes.deeds:
        problem = _do(one.row, deed, at)
        if problem is None:
            continue
        failed[one.row.version_id, deed.step.id] += 1
        upto = one.goes.passed
        if deed.step.id in upto:
            upto = upto[: upto.index(deed.step.id) + 1]
        one.goes = _again(one, deed, problem, at, upto)
        return
    one.row.tries, one.row.problem = 0, ""


def _do(row: Enrolment, deed: Deed, at: datetime) -> str | None:
    """Do a step in a part of the transaction of its own; None where it is done."""
    kind, step = KINDS.get(deed.step.do), deed.step
    if kind is None or kind.run is None:
        return f"unknown step: {step.do}"
    key = f"{row.pk}:{step.id}:{deed.turn}"
    doing = Doing(row, step, row.customer_id, at, f"playbook:{key}")
    try:
        with transaction.atomic():
            if not _first(row, deed, at):
                return None
            said = kind.run(doing)
            if said:
                mine = Effect.objects.filter(enrolment=row, step=step.id, turn=deed.turn)
                mine.update(said=said[:300])
    except StepError as error:
        return str(error)
    except OperationalError:  # the database is away: nothing of the batch was done
        raise
    except Exception as error:  # what a step of another app raises must not hold up the others
        log.exception("step %s of enrolment %s", step.id, row.pk)
        return type(error).__name__
    return None


def _first(row: Enrolment, deed: Deed, at: datetime) -> bool:
    """Write that a step takes effect; False where it did already."""
    try:
        with transaction.atomic():
            Effect.objects.create(enrolment=row, step=deed.step.id, turn=deed.turn, at=at)
    except IntegrityError:
        return False
    return True


def _again(one: Going, deed: Deed, problem: str, at: datetime, passed: tuple[str, ...]) -> Move:
    one.row.tries += 1
    one.row.problem = problem[:300]
    stuck = one.row.tries >= MOST_TRIES
    wait = min(FIRST_WAIT * 4 ** (one.row.tries - 1), LONGEST_WAIT)
    where = Move(deed.step.id, deed.turn, None if stuck else at + wait, passed=passed)
    return replace(where, ended="lost" if stuck else "")


MOVED = (
    "UPDATE playbooks_enrolment SET state = %s, step = %s, turn = %s, wake_at = %s, "
    "moved_at = %s, ended_at = %s, tries = %s, problem = %s WHERE id = %s"
)


def _move(going: Sequence[Going], at: datetime) -> None:
    adapt = lru_cache(maxsize=8)(connection.ops.adapt_datetimefield_value)
    rows = []
    for one in going:
        goes, now = one.goes, max(at, one.row.moved_at)
        state = ENDS[goes.ended] if goes.ended else State.GOING
        ended = None if state in OPEN else now
        problem = one.row.problem or ("lost" if goes.ended == "lost" else "")
        values = (state.value, goes.step, goes.turn, adapt(goes.wake_at), adapt(now), adapt(ended))
        rows.append((*values, one.row.tries, problem, one.row.pk))
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(MOVED, rows)


def _count(came: Counter[tuple[int, str]], failed: Counter[tuple[int, str]]) -> None:
    for version, step in sorted(came.keys() | failed.keys()):
        many, wrong = came[version, step], failed[version, step]
        kept = Passed.objects.filter(version_id=version, step=step)
        if not kept.update(came=F("came") + many, failed=F("failed") + wrong):
            Passed.objects.get_or_create(version_id=version, step=step)
            kept.update(came=F("came") + many, failed=F("failed") + wrong)
