"""How well customers are ranked by how an action moves them: gains, and three areas.

Areas under gains go by the same names and mean different things: of one ranking of one experiment
they are .07, .03 or .008. So each is named here with its definition. They compare rankings; what a
choice earns within a budget, they do not say (see `allocation`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kizuna.experiments.interval import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Gains:
    """What the k customers ranked highest gained, for each k where the ranking tells them apart.

    Attributes
    ----------
    reached : k, from 0 to all.
    qini : R_t - R_c·N_t/N_c, responses of the treated beyond those of as many controls.
    uplift : (R_t/N_t - R_c/N_c)·k, responses if all k were treated.
    treated : treated customers in all.

    """

    reached: FloatArray
    qini: FloatArray
    uplift: FloatArray
    treated: int

    @property
    def area_per_treated(self) -> float:
        """Area of `qini` above the straight line, over shares reached, per treated customer."""
        share = self.reached / self.reached[-1]
        return _area(share, self.qini - share * self.qini[-1]) / max(self.treated, 1)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Areas of one ranking.

    Attributes
    ----------
    qini : area above the line over that of a perfect ranking, `qini_auc_score` of scikit-uplift.
    uplift : the same of the uplift curve, `uplift_auc_score` of scikit-uplift.
    area_per_treated : see `Gains`; in responses, the only one that two experiments can share.

    """

    qini: float
    uplift: float
    area_per_treated: float


def gains(foretold: ArrayLike, treated: ArrayLike, outcome: ArrayLike) -> Gains:
    """Rank by the effect foretold, highest first; customers foretold alike are reached together."""
    score, w = np.asarray(foretold, np.float64), np.asarray(treated, np.bool_)
    y = np.asarray(outcome, np.float64)
    order = np.argsort(-score, kind="mergesort")
    score, w, y = score[order], w[order], y[order]
    ends = np.append(np.flatnonzero(np.diff(score)), len(score) - 1)
    k = ends + 1.0
    n_t, r_t = np.cumsum(w)[ends].astype(np.float64), np.cumsum(y * w)[ends]
    n_c, r_c = k - n_t, np.cumsum(y)[ends] - r_t
    qini = r_t - _share(r_c, n_c) * n_t
    uplift = (_share(r_t, n_t) - _share(r_c, n_c)) * k
    return Gains(_from_0(k), _from_0(qini), _from_0(uplift), int(w.sum()))


def ranking(foretold: ArrayLike, treated: ArrayLike, outcome: ArrayLike) -> Ranking:
    """Give the three areas of one ranking of binary outcomes."""
    w, y = np.asarray(treated, np.bool_), np.asarray(outcome, np.float64)
    ours = gains(foretold, w, y)
    best = gains(y * np.where(w, 1.0, -1.0), w, y)
    more_controls = (y[~w] > 0).sum() > (y[w] > 0).sum()
    most = gains(2.0 * (y == w) + np.where(more_controls, y, w), w, y)
    return Ranking(
        _above(ours.reached, ours.qini) / _above(best.reached, best.qini),
        _above(ours.reached, ours.uplift) / _above(most.reached, most.uplift),
        ours.area_per_treated,
    )


def effect_of_first(
    foretold: ArrayLike, treated: ArrayLike, outcome: ArrayLike, share: float
) -> tuple[float, float]:
    """Effect on the share of customers ranked highest, and on the others."""
    score, w = np.asarray(foretold, np.float64), np.asarray(treated, np.bool_)
    y = np.asarray(outcome, np.float64)
    first = np.zeros(len(score), np.bool_)
    first[np.argsort(-score, kind="mergesort")[: int(len(score) * share)]] = True
    return _difference(y, w, first), _difference(y, w, ~first)


def _difference(y: FloatArray, w: NDArray[np.bool_], rows: NDArray[np.bool_]) -> float:
    return float(y[rows & w].mean() - y[rows & ~w].mean())


def _above(x: FloatArray, y: FloatArray) -> float:
    return _area(x, y) - float(x[-1] * y[-1]) / 2.0


def _area(x: FloatArray, y: FloatArray) -> float:
    return float(np.trapezoid(y, x))


def _share(top: FloatArray, bottom: FloatArray) -> FloatArray:
    return np.divide(top, bottom, out=np.zeros(len(top)), where=bottom > 0)


def _from_0(values: FloatArray) -> FloatArray:
    return np.concatenate([[0.0], values])
