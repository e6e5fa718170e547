"""Maximum likelihood for models whose parameters are all positive.

One damped Newton method on the logarithms of the parameters serves every model: steps do not
depend on the units of the data, several starts guard against the second optimum that these
likelihoods are known for, and bounds stop the false ones as a parameter runs to 0 or infinity.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from kizuna.clv.data import FloatArray, Rows

type Objective = Callable[[FloatArray], tuple[float, FloatArray, FloatArray]]
"""Log-likelihood, its gradient (k,) and Hessian (k, k), at k log-parameters."""

type Bounds = tuple[FloatArray, FloatArray]
"""Lowest and highest log-parameters, each of shape (k,)."""

COARSE_ROWS = 8_000
MAX_ITERATIONS = 200
TOLERANCE = 1e-6
MAX_STEP = 1.5
SMALL_STEP = 0.01
RIDGE_SD = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Fit[M]:
    """An estimate: the model, how well it fits, and how sure its parameters are.

    Attributes
    ----------
    model : the parameters that maximise the likelihood.
    log_likelihood : at the maximum; constants that hold no parameter are left out as in the paper.
    covariance : of the parameters, shape (k, k), in the order of the model's fields.
    converged : the gradient vanished (or a bound was reached) at the maximum.
    n : customers, i.e. the sum of the weights.
    at_bound : names of parameters that ran into their bound.

    """

    model: M
    log_likelihood: float
    covariance: FloatArray
    converged: bool
    n: float
    at_bound: tuple[str, ...] = ()

    @property
    def parameters(self) -> dict[str, float]:
        return {f.name: float(getattr(self.model, f.name)) for f in fields(self.model)}  # type: ignore[arg-type]

    @property
    def standard_errors(self) -> dict[str, float]:
        """Standard error of each parameter, in its own unit."""
        errors = np.sqrt(np.diag(self.covariance))
        return dict(zip(self.parameters, (float(e) for e in errors), strict=True))

    @property
    def aic(self) -> float:
        """Akaike's information criterion; smaller is better."""
        return 2.0 * len(self.covariance) - 2.0 * self.log_likelihood

    def draws(self, size: int, rng: np.random.Generator) -> M:
        """Draw log-normally about the estimate: a model whose fields have shape (size, 1)."""
        theta = np.array(list(self.parameters.values()))
        root = _log_scale_root(self.covariance, theta)
        log_draws = np.log(theta) + rng.standard_normal((size, len(theta))) @ root.T
        return type(self.model)(*(np.exp(column)[:, None] for column in log_draws.T))


def maximum_likelihood[D: Rows, M](
    model_type: Callable[..., M],
    objective: Callable[[D], Objective],
    data: D,
    *,
    starts: Sequence[FloatArray],
    bounds: Bounds,
) -> Fit[M]:
    """Fit by climbing from each start and keeping the highest summit.

    Parameters
    ----------
    model_type : called with the estimated parameters, in order.
    objective : builds the likelihood of some rows; see `Objective`.
    data : compressed rows. Above `COARSE_ROWS` a systematic sample finds the way first.
    starts : log-parameters to start from, each of shape (k,).
    bounds : lowest and highest log-parameters, each of shape (k,).

    Raises
    ------
    ValueError
        When there is no customer at all.

    """
    if not data.n > 0:
        raise ValueError("fit: no customers; one at least is needed")
    summits = [climb(objective(_sample(data)), start, bounds) for start in starts]
    if len(data) > COARSE_ROWS:
        full = objective(data)
        summits = [climb(full, s.theta, bounds) for s in _distinct_best(summits)]
    best = max(summits, key=lambda s: s.value)
    covariance = _covariance(best, bounds)
    names = [f.name for f in fields(model_type)]  # type: ignore[arg-type]
    at_bound = tuple(n for n, free in zip(names, _free(best, bounds), strict=True) if not free)
    model = model_type(*(float(v) for v in np.exp(best.theta)))
    return Fit(model, best.value, covariance, best.converged, data.n, at_bound)


@dataclass(frozen=True, slots=True, eq=False)
class Summit:
    """Where a climb ended, with the curvature there; all in log-parameters."""

    theta: FloatArray
    value: float
    gradient: FloatArray
    hessian: FloatArray
    converged: bool


def climb(objective: Objective, start: FloatArray, bounds: Bounds) -> Summit:
    """Climb from `start` by damped Newton steps inside the bounds, until no step gains."""
    here = _at(objective, np.clip(start, *bounds))
    for _ in range(MAX_ITERATIONS):
        step, gain = _newton_step(here, bounds)
        if gain < TOLERANCE:
            return _arrive(here, step, gain, bounds)
        there = _line_search(objective, here, step, gain, bounds)
        if there is None:
            return replace(here, converged=gain < _noise(here))
        here = there
    return here


def _arrive(here: Summit, step: FloatArray, gain: float, bounds: Bounds) -> Summit:
    """Take a small last step unseen: it squares the error; a long one runs along a flat ridge."""
    if np.abs(step).max() > SMALL_STEP:
        return replace(here, converged=True)
    theta = np.clip(here.theta + step, *bounds)
    return replace(here, theta=theta, value=here.value + gain, converged=True)


def _noise(here: Summit) -> float:
    """Give the gain that rounding hides in a log-likelihood of this size."""
    return max(1e-4, 1e-10 * abs(here.value))


def numeric_objective(value: Callable[[FloatArray], float], *, width: float = 1e-4) -> Objective:
    """Turn a log-likelihood into an `Objective` by central differences; for cheap likelihoods."""

    def objective(theta: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        k = len(theta)
        shift = np.eye(k) * width
        centre = value(theta)
        up = np.array([value(theta + s) for s in shift])
        down = np.array([value(theta - s) for s in shift])
        hessian = np.diag((up - 2 * centre + down) / width**2)
        for i in range(k):
            for j in range(i):
                both = value(theta + shift[i] + shift[j]) + value(theta - shift[i] - shift[j])
                cross = (both - up[i] - down[i] - up[j] - down[j] + 2 * centre) / (2 * width**2)
                hessian[i, j] = hessian[j, i] = cross
        return centre, (up - down) / (2 * width), hessian

    return objective


def _at(objective: Objective, theta: FloatArray) -> Summit:
    value, gradient, hessian = objective(theta)
    return Summit(theta, value, gradient, hessian, converged=False)


def _free(here: Summit, bounds: Bounds) -> NDArray[np.bool_]:
    """Mark the parameters that may still move: not pressed against a bound."""
    low, high = bounds
    pressed_low = (here.theta <= low) & (here.gradient < 0)
    pressed_high = (here.theta >= high) & (here.gradient > 0)
    free: NDArray[np.bool_] = ~(pressed_low | pressed_high)
    return free


def _newton_step(here: Summit, bounds: Bounds) -> tuple[FloatArray, float]:
    """Step uphill by |curvature|, and the gain in log-likelihood that it promises."""
    free = _free(here, bounds)
    step = np.zeros_like(here.theta)
    if not free.any():
        return step, 0.0
    gradient = here.gradient[free]
    curvature, axes = np.linalg.eigh(-here.hessian[np.ix_(free, free)])
    scale = np.maximum(np.abs(curvature), 1e-9 * max(1.0, float(np.abs(curvature).max())))
    along = axes.T @ gradient
    step[free] = axes @ (along / scale)
    shrink = min(1.0, MAX_STEP / max(float(np.abs(step).max()), MAX_STEP))
    gain = float((along**2 / scale).sum() / 2)
    return step * shrink, gain * shrink * (2.0 - shrink)


def _line_search(
    objective: Objective, here: Summit, step: FloatArray, gain: float, bounds: Bounds
) -> Summit | None:
    """Halve the step until the likelihood rises; None when it never does."""
    for _ in range(30 if gain > _noise(here) else 3):
        there = _at(objective, np.clip(here.theta + step, *bounds))
        if np.isfinite(there.value) and there.value > here.value:
            return there
        step = _shorten(here.theta, step, bounds)
    return None


def _shorten(theta: FloatArray, step: FloatArray, bounds: Bounds) -> FloatArray:
    """Halve the step; one that leaves the bounds stops at the first, for clipping bends it."""
    room = np.where(step > 0, bounds[1] - theta, bounds[0] - theta)
    leaving = np.abs(step) > np.abs(room)
    share = float((room[leaving] / step[leaving]).min(initial=1.0))
    return step * (min(1.0, share * (1.0 + 1e-9)) if 0.0 < share < 1.0 else 0.5)


def _sample[D: Rows](data: D) -> D:
    """Take every k-th row, so that at most about COARSE_ROWS remain."""
    stride = max(1, len(data) // COARSE_ROWS)
    return data if stride == 1 else data.take(slice(None, None, stride))


def _distinct_best(summits: Sequence[Summit]) -> list[Summit]:
    """Keep the highest summit, and the second when it is elsewhere and nearly as high."""
    ranked = sorted(summits, key=lambda s: -s.value)
    best = ranked[0]
    near = max(10.0, 1e-3 * abs(best.value))
    rivals = (
        s
        for s in ranked[1:]
        if np.abs(s.theta - best.theta).max() > 0.1 and s.value > best.value - near
    )
    return [best, *list(rivals)[:1]]


def _covariance(best: Summit, bounds: Bounds) -> FloatArray:
    """Invert the curvature over the free parameters, and turn it to the parameters' own units."""
    free = _free(best, bounds)
    covariance = np.zeros_like(best.hessian)
    if free.any():
        curvature, axes = np.linalg.eigh(-best.hessian[np.ix_(free, free)])
        variance = 1.0 / np.maximum(curvature, RIDGE_SD**-2)
        covariance[np.ix_(free, free)] = (axes * variance) @ axes.T
    theta = np.exp(best.theta)
    own_units: FloatArray = covariance * np.outer(theta, theta)
    return own_units


def _log_scale_root(covariance: FloatArray, theta: FloatArray) -> FloatArray:
    """Square root of the covariance of the log-parameters, shape (k, k)."""
    variance, axes = np.linalg.eigh(covariance / np.outer(theta, theta))
    root: FloatArray = axes * np.sqrt(np.maximum(variance, 0.0))
    return root
