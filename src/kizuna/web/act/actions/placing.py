"""Placing customers by chance when they become eligible: stored once, and never changed.

Nothing is locked. Each row has a unique key; of two who place the same customer at once, one writes
and both read what was written. Whoever is held out under any key stays held out when keys turn out
to be one customer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from kizuna.experiments.assignment import CONTROL, GLOBAL, TREATED, Design, Placed
from kizuna.jobs.tombstones import Tombstones
from kizuna.web.act.actions import control
from kizuna.web.act.actions.models import AccountArm, Action, Assignment, State, Unit
from kizuna.web.act.actions.whose import Who, batches, keys_of


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a customer is, and whether anything may be done.

    `why`: treated, held_out, contaminated, global, service, erased, or the state of an action that
    is not live.
    """

    arm: str
    is_treated: bool
    why: str


SERVICE = Placement(TREATED, True, "service")
ERASED = Placement("", False, "erased")
LEFT_ALONE = Placement(GLOBAL, False, "global")


def place(
    *, action: Action, customer_ids: Iterable[str], reason: str, at: datetime
) -> dict[str, Placement]:
    """Assign customers who have just become eligible, or give where they already are.

    Of an action that is not live nobody is placed, and nobody is to be treated.
    """
    asked = list(dict.fromkeys(customer_ids))
    if action.state != State.LIVE:
        return dict.fromkeys(asked, Placement("", False, action.state))
    found: dict[str, Placement] = {}
    for some in batches(asked):
        with transaction.atomic():
            found |= _placed(action, some, reason, at)
    return found


def standing(action: Action, customer_ids: Sequence[str], at: datetime) -> dict[str, Placement]:
    """Give where customers are who were placed before; who was not is left out."""
    found: dict[str, Placement] = {}
    for some in batches(customer_ids):
        who = Who.of(some)
        rows, alone = _rows(action, who), control.held(who, at)
        found |= {
            key: _of(rows[customer], customer in alone)
            for key, customer in who.named.items()
            if customer in rows
        }
    return found


def foretold(*, action: Action, customer_ids: Iterable[str], at: datetime) -> dict[str, Placement]:
    """Say where `place` would put customers; the draw is the same, and nothing is stored."""
    found: dict[str, Placement] = {}
    for some in batches(dict.fromkeys(customer_ids)):
        gone = Tombstones(Path(settings.KIZUNA_HOME)).among(some)
        who = Who.of([key for key in some if key not in gone])
        found |= dict.fromkeys(gone, ERASED)
        if not action.is_optional:
            found |= dict.fromkeys(who.named, SERVICE)
            continue
        would = _foretold(action, who, control.held(who, at))
        found |= {key: would[customer] for key, customer in who.named.items()}
    return found


def _foretold(action: Action, who: Who, alone: Set[str]) -> dict[str, Placement]:
    rows = _rows(action, who)
    by_account = action.unit == Unit.ACCOUNT
    units = {one: who.unit(one) if by_account else one for one in who.customers if one not in rows}
    design = design_of(_shares(action))
    arms = {unit: design.place(unit).arm for unit in units.values()}
    if by_account:
        arms |= _arms_of_accounts(action, arms)
    return {
        one: _of(rows[one], one in alone)
        if one in rows
        else LEFT_ALONE
        if one in alone
        else _drawn_as(arms[units[one]])
        for one in who.customers
    }


def _drawn_as(arm: str) -> Placement:
    return Placement(arm, arm != CONTROL, "held_out" if arm == CONTROL else "treated")


def _arms_of_accounts(action: Action, units: Iterable[str]) -> dict[str, str]:
    """Give the arms that accounts were given with their first customer."""
    mine = keys_of(sorted(units))
    kept = AccountArm.objects.filter(action=action, account_id__in=list(mine))
    return {mine[row.account_id]: row.arm for row in kept.order_by("-placed_at", "-pk")}


def _placed(action: Action, asked: list[str], reason: str, at: datetime) -> dict[str, Placement]:
    gone = Tombstones(Path(settings.KIZUNA_HOME)).among(asked)
    who = Who.of([key for key in asked if key not in gone])
    found = dict.fromkeys(gone, ERASED)
    if not action.is_optional:
        return found | dict.fromkeys(who.named, SERVICE)
    placements = placed(action, who, control.place(who, at), reason, at)
    return found | {key: placements[customer] for key, customer in who.named.items()}


def placed(
    action: Action, who: Who, alone: Set[str], reason: str, at: datetime
) -> dict[str, Placement]:
    """Place customers, but for those who are left alone by all actions."""
    rows = _rows(action, who)
    missing = [one for one in who.customers if one not in rows and one not in alone]
    if missing:
        _store(action, who, missing, reason, at)
        rows = _rows(action, who)
    return {one: _of(rows.get(one, []), one in alone) for one in who.customers}


def _of(rows: list[Assignment], alone: bool) -> Placement:
    """Say what several rows of one customer come to: the earliest counts, a control binds."""
    if not rows:
        return LEFT_ALONE
    arm = rows[0].arm
    arms = {row.arm for row in rows}
    if alone:
        return Placement(arm, False, "global")
    if CONTROL in arms:
        return Placement(arm, False, "held_out" if arms == {CONTROL} else "contaminated")
    return Placement(arm, True, "treated")


def _rows(action: Action, who: Who) -> dict[str, list[Assignment]]:
    """Give the rows of customers under all their keys, the earliest first."""
    found: dict[str, list[Assignment]] = {}
    for keys in batches(who.keys):
        for row in Assignment.objects.filter(action=action, customer_id__in=keys):
            found.setdefault(who.keys[row.customer_id], []).append(row)
    for rows in found.values():
        rows.sort(key=lambda row: (row.eligible_at, row.customer_id))
    return found


def _store(action: Action, who: Who, missing: list[str], reason: str, at: datetime) -> None:
    by_account = action.unit == Unit.ACCOUNT
    units = {one: who.unit(one) if by_account else one for one in missing}
    arms = _arms(action, units, at)
    Assignment.objects.bulk_create(
        [
            Assignment(
                action=action,
                customer_id=one,
                unit_id=units[one],
                reason=reason,
                eligible_at=at,
                predicted=who.predicted(one),
                **arms[units[one]],
            )
            for one in missing
        ],
        ignore_conflicts=True,
    )


def _shares(action: Action) -> Action:
    """Read the shares as they are now, whatever was read of the action before."""
    found: Action = Action.objects.only("holdout", "arms", "version", "salt").get(pk=action.pk)
    return found


def _arms(action: Action, units: dict[str, str], at: datetime) -> dict[str, dict[str, object]]:
    design = design_of(_shares(action))
    drawn = {unit: _drawn(design, design.place(unit)) for unit in set(units.values())}
    return drawn if action.unit == Unit.CUSTOMER else _of_accounts(action, drawn, at)


def design_of(action: Action) -> Design:
    """Give how an action parts its units."""
    arms = tuple((str(name), float(share)) for name, share in action.arms)
    parts = {"arms": arms} if arms else {}
    return Design(
        action.experiment_id, action.salt, action.holdout, version=action.version, **parts
    )


def _drawn(design: Design, placed: Placed) -> dict[str, object]:
    return {
        "version": design.version,
        "arm": placed.arm,
        "propensity": placed.propensity,
        "holdout": design.holdout,
    }


def _of_accounts(
    action: Action, drawn: dict[str, dict[str, object]], at: datetime
) -> dict[str, dict[str, object]]:
    """Let an account keep the arm that its first customer was given, whatever shares are now."""
    mine = keys_of(sorted(drawn))
    kept = AccountArm.objects.filter(action=action, account_id__in=list(mine))
    there = {mine[row.account_id] for row in kept}
    AccountArm.objects.bulk_create(
        [
            AccountArm(action=action, account_id=unit, placed_at=at, **values)
            for unit, values in drawn.items()
            if unit not in there
        ],
        ignore_conflicts=True,
    )
    found: dict[str, AccountArm] = {}
    for row in kept.all().order_by("placed_at", "pk"):
        found.setdefault(mine[row.account_id], row)
    names = ("version", "arm", "propensity", "holdout")
    return {unit: {name: getattr(row, name) for name in names} for unit, row in found.items()}
