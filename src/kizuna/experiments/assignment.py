"""Who is held out: by a salted hash, so that chance can be repeated and needs no memory.

A unit's place in [0, 1) is the first 8 bytes of SHA-256 of `salt:experiment:unit`. Those below the
share are the control. To raise the share moves one threshold: who is held out stays so. Arms among
the treated are parted by a second hash, so that the share does not stir them.

The place makes an assignment repeatable; what counts is the row that is stored when the unit
becomes eligible (`Assigned`), append-only, whatever shares become later.

Traps. Without a salt of its own the same customers would be held out of everything. Assign at
eligibility, not at sending; compare all who were eligible. Where treatment leaks to colleagues, the
unit is the account.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate

import numpy as np

from kizuna.experiments.interval import FloatArray

CONTROL = "control"
TREATED = "treated"
GLOBAL = "global"


def position(salt: str, experiment: str, unit: str) -> float:
    """Place of a unit in [0, 1); unrelated between experiments and salts."""
    digest = hashlib.sha256(f"{salt}:{experiment}:{unit}".encode()).digest()
    # 53 bits are what a float holds: more could round up to 1
    return (int.from_bytes(digest[:8], "big") >> 11) / 2**53


def positions(salt: str, experiment: str, units: Iterable[str]) -> FloatArray:
    """Places of many units, shape (units,)."""
    return np.fromiter((position(salt, experiment, unit) for unit in units), np.float64)


def unit_of(customer: str, account: str | None) -> str:
    """Give what is assigned as one: the account where there is one, else the customer.

    The plain id, so that whoever erases a customer finds the unit too.
    """
    return account or customer


@dataclass(frozen=True, slots=True)
class Placed:
    """Where chance put a unit, and how likely that was."""

    arm: str
    propensity: float


@dataclass(frozen=True, slots=True)
class Design:
    """How an experiment parts its units.

    Attributes
    ----------
    experiment, salt : name of the experiment, and a text that is drawn once for it.
    holdout : share held out, 0 to 1.
    version : raised with each change of shares; stored with each assignment.
    arms : of the treated, each with its share of them; shares sum to 1.
    strata : share held out of units of a stratum, where it is another than `holdout`.

    """

    experiment: str
    salt: str
    holdout: float
    version: int = 1
    arms: tuple[tuple[str, float], ...] = ((TREATED, 1.0),)
    strata: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        if not all(0 <= share <= 1 for share in (self.holdout, *dict(self.strata).values())):
            raise ValueError(f"a holdout is a share between 0 and 1; got {self.holdout}")
        shares = [share for _, share in self.arms]
        if not (shares and min(shares) > 0 and abs(sum(shares) - 1.0) < 1e-9):
            raise ValueError(f"shares of the arms must be above 0 and sum to 1; got {shares}")
        if CONTROL in dict(self.arms) or len(dict(self.arms)) < len(self.arms):
            raise ValueError(f"arms need names of their own, other than {CONTROL!r}")

    def share(self, stratum: str = "") -> float:
        """Give the share held out of a stratum."""
        return dict(self.strata).get(stratum, self.holdout)

    def place(self, unit: str, stratum: str = "") -> Placed:
        """Give the arm of a unit: always the same one."""
        held = self.share(stratum)
        if position(self.salt, self.experiment, unit) < held:
            return Placed(CONTROL, held)
        at = position(self.salt, f"{self.experiment}/arm", unit)
        ends = accumulate(share for _, share in self.arms)
        # the last bits of a sum may fall short of 1
        past = min(sum(at >= end for end in ends), len(self.arms) - 1)
        arm, share = self.arms[past]
        return Placed(arm, (1.0 - held) * share)


@dataclass(frozen=True, slots=True)
class GlobalControl:
    """Customers whom nothing optional reaches on any channel, to measure all actions together.

    Attributes
    ----------
    salt : drawn once.
    share : 2 to 5 %.
    months : after how many months others take their turn.

    """

    salt: str
    share: float = 0.03
    months: int = 12

    def period(self, day: date) -> int:
        """Give the number of the turn that a day is in."""
        return (day.year * 12 + day.month - 1) // self.months

    def holds(self, unit: str, day: date) -> bool:
        """Tell whether a unit is left alone on a day."""
        return position(self.salt, f"{GLOBAL}/{self.period(day)}", unit) < self.share


@dataclass(frozen=True, slots=True)
class Assigned:
    """A row of the register: stored when a unit becomes eligible, and never changed."""

    unit: str
    experiment: str
    version: int
    arm: str
    propensity: float
    eligible_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Merged:
    """What stands after two identities turned out to be one."""

    assigned: Assigned
    contaminated: bool


def merged(rows: Sequence[Assigned]) -> Merged:
    """Keep the earliest assignment of what is one customer now.

    Where the arms disagree the customer is contaminated: to be analysed with and without.
    """
    if not rows or len({row.experiment for row in rows}) > 1:
        raise ValueError("assignments to merge must be of one experiment, and at least one")
    first = min(rows, key=lambda row: (row.eligible_at, row.unit))
    return Merged(first, len({row.arm for row in rows}) > 1)
