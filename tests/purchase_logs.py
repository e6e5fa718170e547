"""Logs of purchase days for tests of forecasting: real ones, and worlds with a known pace."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from data_sets import cdnow_master, cdnow_sample
from kizuna.clv import BGNBD, MBGNBD, ParetoNBD
from kizuna.clv.back_test import Cut, earlier_cut_offs
from kizuna.clv.data import Purchases
from kizuna.clv.pace import Fitter, Pace, RepeatAges

FITTERS: dict[str, Fitter] = {
    "bg_nbd": BGNBD.fit,
    "mbg_nbd": MBGNBD.fit,
    "pareto_nbd": ParetoNBD.fit,
}
CDNOW_CUT, CDNOW_END = 272, 545
"""Days from 1997-01-01 to 1997-09-30 and to 1998-06-30."""


@dataclass(frozen=True, eq=False)
class Log:
    """Distinct customer-days: customer index and day, sorted by both; day 0 is the first."""

    who: NDArray[np.intp]
    day: NDArray[np.intp]

    @property
    def first(self) -> NDArray[np.intp]:
        """Day of each customer's first purchase, shape (customers,)."""
        return self.day[np.unique(self.who, return_index=True)[1]]

    def share(self, which: int, of: int) -> Log:
        """Keep every `of`-th customer."""
        keep = self.who % of == which
        return Log(np.unique(self.who[keep], return_inverse=True)[1], self.day[keep])

    def cut(self, last_day: int, until: int) -> Cut:
        """Cut after a day, in weeks; everyone must have bought by then."""
        first, n = self.first, int(self.who.max()) + 1
        assert (first <= last_day).all()
        seen, later = self.day <= last_day, (self.day > last_day) & (self.day <= until)
        last = first.copy()
        np.maximum.at(last, self.who[seen], self.day[seen])
        x = np.bincount(self.who[seen], minlength=n) - 1.0
        ages = np.bincount((self.day - first[self.who])[seen])
        return Cut(
            Purchases(x, (last - first) / 7, (last_day - first) / 7),
            np.bincount(self.who[later], minlength=n).astype(np.float64),
            (until - last_day) / 7,
            RepeatAges.by_day(ages, days_per_period=7),
        )

    def earlier(self, last_day: int) -> list[Cut]:
        """Cut at the usual earlier cut-offs, each followed up to `last_day`."""
        days = (d - 1 for d in earlier_cut_offs(last_day + 1))
        return [self.cut(d, last_day) for d in days if d >= self.first.max()]


@cache
def cdnow(customers: str = "sample") -> Log:
    """CDNOW's customer-days: the 1/10 "sample", or the "master" with all."""
    table = cdnow_sample() if customers == "sample" else cdnow_master()
    ids = table["master_id" if customers == "sample" else "customer_id"].to_numpy()
    day = table["date"].to_numpy().astype("datetime64[D]") - np.datetime64("1997-01-01")
    return _log(np.unique(ids, return_inverse=True)[1], day.astype(np.intp))


def simulate(customers: int, days: int, seed: int, pace: Pace | None = None) -> Log:
    """Draw a BG/NBD world, in weeks, whose customers join in the first 12 weeks."""
    rng = np.random.default_rng(seed)
    joined = rng.integers(0, 84, customers)
    rate, leave = rng.gamma(0.5, 1 / 8.0, customers), rng.beta(0.8, 2.4, customers)
    clock = (pace or Pace()).elapsed(np.arange(days + 1) / 7)
    who, day = [np.arange(customers)], [joined]
    active, time = np.arange(customers), np.zeros(customers)
    while len(active):
        time[active] += rng.exponential(1 / rate[active])
        when = joined[active] + np.searchsorted(clock, time[active])
        active, when = active[when < days], when[when < days]
        who, day = [*who, active], [*day, when]
        active = active[rng.random(len(active)) > leave[active]]
    return _log(np.concatenate(who), np.concatenate(day))


def _log(who: NDArray[np.intp], day: NDArray[np.intp]) -> Log:
    key = np.unique(who.astype(np.int64) * 10_000 + day)
    return Log((key // 10_000).astype(np.intp), (key % 10_000).astype(np.intp))
