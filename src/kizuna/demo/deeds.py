"""The past of the company's plays: who was placed where, what was done, what customers did more.

Of every customer who was eligible it is drawn what she orders under the play and without it; what
came is one of the two, and the difference is the truth. The draws are apart from those of all other
orders, which stay as they were.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from kizuna.clv.data import FloatArray
from kizuna.demo.behaviour import Orders, Truth
from kizuna.demo.past import NO_ORDERS, Past
from kizuna.demo.people import COMPANIES, customer_id
from kizuna.demo.plays import PLAYS, Play, eligible
from kizuna.experiments.assignment import CONTROL, Design

MARGIN: Final = 0.4
HORIZONS: Final = (28, 90, 180, 365)
PLACED_AT, DONE_AT = time(9), time(10)


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """What became of a play: a row an eligible customer, and the orders that hang on it.

    moved : orders placed if treated, or where the play keeps customers from ordering, if not;
    `unit` of each is the row of its customer. used : day on which she uses a coupon, if any.
    """

    play: Play
    design: Design
    customer: NDArray[np.int64]
    day: NDArray[np.int64]
    arms: tuple[str, ...]
    unit: NDArray[np.int64]
    moved: Orders
    used: FloatArray

    @property
    def treated(self) -> NDArray[np.bool_]:
        """Who was treated, shape (units,)."""
        return np.array([arm != CONTROL for arm in self.arms], bool)

    @property
    def added(self) -> Orders:
        """Orders that came about besides those that customers placed anyway."""
        here = self.treated[self.unit] == (self.play.more > 0)
        return Orders(self.moved.customer[here], self.moved.day[here], self.moved.value[here])

    def gained(self, days: int) -> FloatArray:
        """Margin that the play makes of each unit within so many days, by both that might be."""
        until = self.day + days
        counts = np.floor(self.moved.day) < until[self.unit]
        sums = np.zeros(len(self.customer))
        np.add.at(sums, self.unit[counts], MARGIN * self.moved.value[counts])
        sign = 1.0 if self.play.more > 0 else -1.0
        gained: FloatArray = sign * sums - self.play.coupon * (self.used < until)
        return gained


def design_of(number: int, play: Play, seed: int) -> Design:
    """Give how a play parts customers; as an action it has the number that comes after."""
    return Design(str(number + 1), f"hana-{play.key}-{seed}.2", play.holdout)


def draw_plays(
    past: Past, listed: Sequence[Mapping[str, str]], truth: Truth, seed: int
) -> list[Played]:
    """Draw all plays, each from a stream of its own; of companies nobody is eligible."""
    persons = np.array([row["kind"] not in COMPANIES for row in listed])
    return [
        _draw(
            past,
            persons,
            play,
            design_of(number, play, seed),
            truth,
            np.random.default_rng([seed, 2, number]),
        )
        for number, play in enumerate(PLAYS)
    ]


def added_orders(played: Sequence[Played]) -> Orders:
    """Give the orders that came about by all plays, in the order of time."""
    some = [one.added for one in played] or [NO_ORDERS]
    day = np.concatenate([orders.day for orders in some])
    at = np.argsort(day, kind="stable")
    who = np.concatenate([orders.customer for orders in some])
    value = np.concatenate([orders.value for orders in some])
    return Orders(who[at], day[at], value[at])


def _draw(
    past: Past,
    persons: NDArray[np.bool_],
    play: Play,
    design: Design,
    truth: Truth,
    rng: np.random.Generator,
) -> Played:
    found = eligible(play, past.people, past.orders, past.days, rng)
    customer = np.flatnonzero((found >= 0) & persons)
    day = found[customer]
    arms = tuple(design.place(customer_id(int(number))).arm for number in customer)
    unit, moved = _moved(past, play, customer, day, truth, rng)
    used = _first_order(past.orders, customer, day, play.valid)
    return Played(play, design, customer, day, arms, unit, moved, used)


def _moved(
    past: Past,
    play: Play,
    customer: NDArray[np.int64],
    day: NDArray[np.int64],
    truth: Truth,
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], Orders]:
    """Draw the orders that hang on a play; who has left orders nothing."""
    many = rng.poisson(abs(play.more), len(customer))
    unit = np.repeat(np.arange(len(customer)), many)
    who = customer[unit]
    first, last = play.within
    at = day[unit] + rng.integers(first, last + 1, len(unit)) + rng.uniform(size=len(unit))
    scale = past.people.mean_value[who] / truth.p
    value = np.maximum(10.0, np.round(rng.gamma(truth.p, scale), -1)).astype(np.int64)
    there = (at < past.people.leaves[who]) & (at < past.days)
    return unit[there], Orders(who[there], at[there], value[there])


def _first_order(
    orders: Orders, customer: NDArray[np.int64], day: NDArray[np.int64], valid: int
) -> FloatArray:
    """Give the day of each customer's first order of the days after; infinite where none came."""
    size = int(max(orders.customer.max(initial=0), customer.max(initial=0))) + 1
    since = np.full(size, np.inf)
    since[customer] = day
    when = np.floor(orders.day)
    begins = since[orders.customer]
    within = (orders.value > 0) & (when >= begins) & (when < begins + valid)
    found = np.full(size, np.inf)
    np.minimum.at(found, orders.customer[within], when[within])
    return found[customer]


def write_plays(path: Path, played: Sequence[Played], past: Past) -> None:
    """Write down what was done and to whom, with arms, as a register of the company would."""
    told = [_told(one, past) for one in played]
    path.write_text(json.dumps(told, ensure_ascii=False) + "\n", "utf-8")


def plays_truth(played: Sequence[Played], past: Past) -> list[dict[str, Any]]:
    """Say what each play did of those whose days are over: a unit, and all treated."""
    return [
        {
            "key": one.play.key,
            "experiment_id": one.design.experiment,
            "word": one.play.word,
            "eligible": len(one.customer),
            "treated": int(one.treated.sum()),
            "orders_added": len(one.added.day),
            "cost_of_one": _cost(one.play),
            "horizon_days": one.play.horizon_days,
            "effects": {str(days): _effect(one, days, past) for days in HORIZONS},
        }
        for one in played
    ]


def _cost(play: Play) -> int:
    return len(play.deeds) * (play.cost_per_unit + play.minutes * play.cost_per_minute)


def _effect(played: Played, days: int, past: Past) -> dict[str, float] | None:
    """Give the mean over all units, that of the treated, and their sum; None before any is over."""
    over = played.day + days <= past.days
    if not over.any():
        return None
    gained, treated = played.gained(days)[over], played.treated[over]
    return {
        "units": len(gained),
        "treated": int(treated.sum()),
        "effect": float(gained.mean()),
        "effect_on_treated": float(gained[treated].mean()) if treated.any() else 0.0,
        "total": float(gained[treated].sum()),
    }


def _told(played: Played, past: Past) -> dict[str, Any]:
    play, lang = played.play, past.lang
    ends = None if play.ends is None else past.start + timedelta(days=past.days - play.ends - 1)
    return {
        "key": play.key,
        "experiment_id": played.design.experiment,
        "salt": played.design.salt,
        "name": play.name[lang],
        "purpose": play.purpose[lang],
        "reason": play.reason[lang],
        "kind": play.kind,
        "holdout": play.holdout,
        "always_on": play.always_on,
        "horizon_days": play.horizon_days,
        "planned_units": play.planned(len(played.customer)),
        "worth": play.worth,
        "cost_per_unit": play.cost_per_unit,
        "cost_per_minute": play.cost_per_minute,
        "minutes": play.minutes,
        "started_on": (past.start + timedelta(days=past.days - play.begins)).isoformat(),
        "ended_on": ends.isoformat() if ends else None,
        "placed": [
            [customer_id(int(who)), _at(past, int(day), PLACED_AT), arm]
            for who, day, arm in zip(played.customer, played.day, played.arms, strict=True)
        ],
        "deeds": list(_deeds(played, past)),
    }


def _deeds(played: Played, past: Past) -> Iterator[list[Any]]:
    """Give customer, moment, units, minutes and what was given away of each deed."""
    play = played.play
    for at in np.flatnonzero(played.treated):
        who, day = customer_id(int(played.customer[at])), int(played.day[at])
        for later in play.deeds:
            if day + later < past.days:
                yield [who, _at(past, day + later, DONE_AT), 1, play.minutes, 0]
        if play.coupon and np.isfinite(played.used[at]):
            yield [who, _at(past, int(played.used[at]), DONE_AT), 0, 0, play.coupon]


def _at(past: Past, day: int, moment: time) -> str:
    on = past.start + timedelta(days=day)
    return datetime.combine(on, moment, ZoneInfo(past.timezone)).isoformat()
