"""Back-test: forecast a part of the history from the part before it, and choose by how that went.

Cut-offs *before* the holdout's decide whether a candidate uses a pace (`kizuna.clv.pace`) and how
wrong a total usually is (`kizuna.clv.totals`). The holdout judges those decisions and never makes
them; it only chooses between the finished candidates, by `kizuna.clv.choice`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kizuna.clv.choice import Choice, choose
from kizuna.clv.data import Purchases
from kizuna.clv.pace import Fitter, Pace, PaceEstimate, estimate_pace
from kizuna.clv.scores import (
    Candidate,
    Cut,
    Forecast,
    baselines,
    fit_forecast,
    mean_log_score,
    predict,
    score,
)
from kizuna.clv.totals import ModelError, PastTotal, model_error

__all__ = [
    "BackTest",
    "Candidate",
    "Cut",
    "Forecast",
    "PaceReport",
    "back_test",
    "earlier_cut_offs",
    "fit_forecast",
    "predict",
]

EARLIER = (0.5, 2 / 3, 5 / 6)
"""Where earlier cut-offs lie between the start of the log and the cut-off."""

FEWEST_DAYS = 28


@dataclass(frozen=True, slots=True)
class PaceReport:
    """Why a candidate's clock runs at a pace or not: evidence from before the holdout alone.

    Attributes
    ----------
    estimate : lift, fade and their gain in likelihood; None where ages were not given.
    horizons : periods forecast at each earlier cut-off.
    gains : log score per customer with a pace less without, at each earlier cut-off.

    """

    estimate: PaceEstimate | None
    horizons: tuple[float, ...] = ()
    gains: tuple[float, ...] = ()

    @property
    def used(self) -> bool:
        """Two judges agree: the likelihood pays for the parameters, and earlier forecasts gain."""
        supported = self.estimate is not None and self.estimate.supported
        return supported and sum(self.gains) >= 0.0

    @property
    def pace(self) -> Pace:
        """What the candidate uses."""
        return self.estimate.pace if self.used and self.estimate is not None else Pace()


@dataclass(frozen=True, slots=True, eq=False)
class BackTest:
    """What the back-test found.

    Attributes
    ----------
    forecasts : by candidate's name, fitted at the cut-off.
    candidates : their scores on the holdout, then those of the baselines.
    plain : scores of the same models on the calendar, for those whose clock runs at a pace; shown
        for comparison with the literature, not eligible: the holdout does not choose a pace.
    choice : the chosen model and the criteria.
    paces : by candidate's name, why its clock runs at a pace or not.
    model_error : of totals forecast by the chosen model, from earlier cut-offs.

    """

    forecasts: Mapping[str, Forecast]
    candidates: tuple[Candidate, ...]
    plain: tuple[Candidate, ...]
    choice: Choice
    paces: Mapping[str, PaceReport]
    model_error: ModelError

    @property
    def chosen(self) -> Forecast:
        return self.forecasts[self.choice.name]


def earlier_cut_offs(days: int) -> tuple[int, ...]:
    """Days, from the start of a log whose cut-off is at `days`, at which to cut it earlier.

    The same customers are then followed to the cut-off. None where the log is too short.
    """
    found = (round(days * share) for share in EARLIER)
    return tuple(d for d in found if d >= FEWEST_DAYS and days - d >= FEWEST_DAYS)


def back_test(
    cut: Cut, earlier: Sequence[Cut], fitters: Mapping[str, Fitter], *, clock: str | None = None
) -> BackTest:
    """Fit and score every candidate, and choose.

    Parameters
    ----------
    cut : histories at the cut-off and what followed: the holdout.
    earlier : the same log at earlier cut-offs, each followed up to the holdout and no further.
    fitters : `fit` by candidate's name, e.g. {"bg_nbd": BGNBD.fit}.
    clock : the candidate that a pace is estimated with; the first when omitted.

    """
    clock = clock or next(iter(fitters))
    estimate = _estimate(cut, fitters[clock])
    studies = [_Study.of(c, fitters[clock], estimate) for c in earlier]
    paces = {name: pace_report(fitter, estimate, studies) for name, fitter in fitters.items()}
    forecasts = {
        name: fit_forecast(name, fitter, cut.purchases, paces[name].pace)
        for name, fitter in fitters.items()
    }
    models = [score(forecast, cut) for forecast in forecasts.values()]
    others = baselines(cut)
    doubting = [name for name, forecast in forecasts.items() if _doubts(forecast, cut)]
    choice = choose(models, others, doubting=doubting)
    past = [past_total(fitters[choice.name], c, paces[choice.name]) for c in studies]
    plain = tuple(score(f.on_calendar, cut) for f in forecasts.values() if not f.pace.steady)
    return BackTest(forecasts, (*models, *others), plain, choice, paces, model_error(past))


@dataclass(frozen=True, slots=True, eq=False)
class _Study:
    """An earlier cut-off, with the pace that would have been estimated there; None: not tried."""

    cut: Cut
    pace: Pace | None

    @classmethod
    def of(cls, cut: Cut, fitter: Fitter, later: PaceEstimate | None) -> _Study:
        worth = later is not None and later.supported
        estimate = _estimate(cut, fitter, later) if worth else None
        return cls(cut, None if estimate is None else estimate.pace)


def pace_report(
    fitter: Fitter, estimate: PaceEstimate | None, studies: Sequence[_Study]
) -> PaceReport:
    """Decide for a candidate, from before the holdout alone, whether its clock has a pace.

    Lift and fade are estimated once, for all candidates; each then shows at the earlier cut-offs
    whether its own forecasts gain by them.
    """
    if estimate is None or not estimate.supported:
        return PaceReport(estimate)
    known = [(s.cut, s.pace) for s in studies if s.pace is not None]
    gains = tuple(_gain(fitter, cut, pace) for cut, pace in known)
    return PaceReport(estimate, tuple(cut.horizon for cut, _ in known), gains)


def past_total(fitter: Fitter, study: _Study, report: PaceReport) -> PastTotal:
    """Forecast the total at an earlier cut-off as the candidate would have done it there."""
    cut, pace = study.cut, study.pace if report.used else None
    predicted = predict(fit_forecast("past", fitter, cut.purchases, pace), cut)
    return PastTotal(cut.horizon, float((cut.weights * predicted).sum()), cut.actual_purchases)


def _estimate(cut: Cut, fitter: Fitter, later: PaceEstimate | None = None) -> PaceEstimate | None:
    near = None if later is None else later.pace
    return None if cut.ages is None else estimate_pace(cut.purchases, cut.ages, fitter, near=near)


def _gain(fitter: Fitter, cut: Cut, pace: Pace) -> float:
    """Gain in log score per customer of forecasting an earlier cut with a pace."""
    plain = fit_forecast("plain", fitter, cut.purchases)
    paced = fit_forecast("paced", fitter, cut.purchases, pace)
    return mean_log_score(paced, cut) - mean_log_score(plain, cut)


def _doubts(forecast: Forecast, cut: Cut) -> bool:
    """Whether the oldest one-time buyer is given any chance of having left."""
    oldest = float(cut.purchases.T.max(initial=0.0))
    once = Purchases(np.zeros(1), np.zeros(1), np.array([oldest]))
    return bool(forecast.model.p_alive(once)[0] < 1.0)
