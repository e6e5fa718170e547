"""Pareto/NBD: buying at random while alive, for an exponentially distributed lifetime.

Non-contractual, continuous time. While alive a customer buys at a constant rate λ (Poisson); he
leaves for good after an unobserved lifetime, exponential with rate μ, whether he buys or not.
Rates differ between customers as Gamma(r, alpha), dropout rates as Gamma(s, beta), independently.

The likelihood is Γ(r+x)/Γ(r) α^r β^s {(α+T)^-(r+x) (β+T)^-s + s ∫ (α+y)^-(r+x) (β+y)^-(s+1) dy},
y from t_x to T: alive at T, or dead at y. Every term is positive, so the integral is computed as it
stands, by Gauss-Legendre quadrature in the logarithm of time; no hypergeometric function is needed.

Sources: Schmittlein, Morrison & Colombo (1987), "Counting Your Customers", Management Science 33;
Fader & Hardie (2005), "A Note on Deriving the Pareto/NBD Model and Related Expressions".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc

from kizuna.clv.data import FloatArray, Purchases, distinct
from kizuna.clv.fitting import Fit, Objective, maximum_likelihood
from kizuna.clv.special import cuts, in_logs, legendre, log_rising, softplus_and_slope, steps

type Index = NDArray[np.intp]
type Values = tuple[FloatArray, FloatArray, FloatArray]

NODES = 16
NEGLIGIBLE = 38.0


@dataclass(frozen=True, slots=True)
class ParetoNBD:
    """Pareto / negative binomial model of repeat purchases.

    Parameters
    ----------
    r : shape of the purchase rate across customers.
    alpha : rate of that gamma distribution, in periods; mean purchases a period = r / alpha.
    s : shape of the dropout rate across customers.
    beta : rate of that gamma distribution, in periods; mean dropout rate = s / beta.

    Each may be an array of draws of shape (draws, 1); results then have shape (draws, rows).

    """

    r: float
    alpha: float
    s: float
    beta: float

    @classmethod
    def fit(cls, purchases: Purchases, *, start: Self | None = None) -> Fit[Self]:
        """Maximum likelihood; never raises on valid data. Equal rows are grouped first."""
        guesses = [] if start is None else [np.log([start.r, start.alpha, start.s, start.beta])]
        data = purchases.group()
        return maximum_likelihood(
            cls, _objective, data, starts=[*guesses, *_starts(data)], bounds=_bounds(data)
        )

    def log_likelihood(self, purchases: Purchases) -> FloatArray:
        """Log-likelihood of each row, unweighted, without the constant 1 / x!."""
        p = purchases
        buying = log_rising(self.r, p.x) - self.r * np.log1p(p.T / self.alpha)
        living = -p.x * np.log(self.alpha + p.T) - self.s * np.log1p(p.T / self.beta)
        return buying + living + np.logaddexp(0.0, self._log_odds_dead(p))

    def p_alive(self, purchases: Purchases) -> FloatArray:
        """Probability that the customer's lifetime exceeds T, given the history."""
        return np.exp(-np.logaddexp(0.0, self._log_odds_dead(purchases)))

    def expected_purchases(self, purchases: Purchases, horizon: ArrayLike) -> FloatArray:
        """Purchases expected in (T, T + horizon], given the history."""
        return self.p_alive(purchases) * self.expected_purchases_alive(purchases, horizon)

    def expected_purchases_alive(self, purchases: Purchases, horizon: ArrayLike) -> FloatArray:
        """Purchases expected in (T, T + horizon] of a customer alive at T."""
        p = purchases
        rate = (self.r + p.x) / (self.alpha + p.T)
        return rate * _expected_time(self.s, self.beta + p.T, np.asarray(horizon, np.float64))

    def expected_purchases_new(self, horizon: ArrayLike) -> FloatArray:
        """Repeat purchases expected of a new customer in (0, horizon]."""
        t = np.asarray(horizon, np.float64)
        return np.asarray(self.r / self.alpha * _expected_time(self.s, self.beta, t))

    def discounted_purchases(
        self, purchases: Purchases, *, discount: float, horizon: float | None = None
    ) -> FloatArray:
        """Purchases expected after T, one at T + t worth exp(-discount · t); None: without end."""
        if horizon is None and discount <= 0:
            raise ValueError("discounted_purchases: without a horizon, discount must be positive")
        p, end = purchases, np.inf if horizon is None else horizon
        row, back = distinct(p.T)
        time = _discounted_time(self.s, self.beta + p.T[row], discount, end)[..., back]
        return self.p_alive(p) * (self.r + p.x) / (self.alpha + p.T) * time

    def p_at_least_alive(
        self, count: ArrayLike, purchases: Purchases, horizon: float
    ) -> FloatArray:
        """Probability of ≥ count purchases in (T, T + horizon], given alive at T."""
        k, n, A = np.maximum(count, 1.0), self.r + purchases.x, self.alpha + purchases.T
        B = self.beta + purchases.T
        span = np.log1p(horizon / B)
        reached = betainc(k, n, horizon / (A + horizon)) * np.exp(-self.s * span)
        for node, weight in zip(*legendre(64), strict=True):
            life = B * np.expm1(span * node)
            density = self.s * np.exp(-self.s * span * node) * span * weight
            reached = reached + density * betainc(k, n, life / (A + life))
        return np.where(np.asarray(count) <= 0, 1.0, reached)

    def p_at_least(self, count: ArrayLike, purchases: Purchases, horizon: float) -> FloatArray:
        """Probability of at least `count` purchases in (T, T + horizon]."""
        alive = self.p_at_least_alive(count, purchases, horizon)
        return np.where(np.asarray(count) <= 0, 1.0, self.p_alive(purchases) * alive)

    def p_exactly(self, count: ArrayLike, purchases: Purchases, horizon: float) -> FloatArray:
        """Probability of exactly `count` purchases in (T, T + horizon]."""
        more = self.p_at_least(np.add(count, 1), purchases, horizon)
        return np.maximum(self.p_at_least(count, purchases, horizon) - more, 0.0)

    def _log_odds_dead(self, p: Purchases) -> FloatArray:
        """Log of P(dead) / P(alive) at T: the integral over the moment of death."""
        row, seen, now = _states(p)
        x, t = np.append(p.x, p.x)[row], np.append(p.t_x, p.T)[row]
        tail = _log_tail(self, x, t, float(p.T.max(initial=0.0)))
        n = self.r + p.x
        alive = n * np.log(self.alpha + p.T) + self.s * np.log(self.beta + p.T)
        early, late = tail[..., seen], tail[..., now]
        gap = np.log(-np.expm1(np.minimum(late - early, -1e-300)))
        return np.asarray(np.log(self.s) + alive + early + gap)


def _states(p: Purchases) -> tuple[Index, Index, Index]:
    """Find distinct (x, t), t being t_x or T: rows of [t_x, T], and the states at t_x and at T."""
    row, state = distinct(np.append(p.x, p.x), np.append(p.t_x, p.T))
    return row, state[: len(p)], state[len(p) :]


def _log_tail(model: ParetoNBD, x: FloatArray, t: FloatArray, end: float) -> FloatArray:
    """Log of the integral of (α+y)^-(r+x) (β+y)^-(s+1) from t to `end`."""
    grid = _Grid.of(model, x, t, end)
    total = sum(w * np.exp(grid.at(z)[2]) for z, w in zip(*grid.rule, strict=True))
    return np.asarray(np.log(total) + grid.base)


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """Quadrature over y from t to `end` in z = log((γ + y) / (γ + t)), γ = min(α, β).

    In z the integrand is analytic in the strip |Im z| < π and falls at least like exp(-(n + s) z).
    """

    model: ParetoNBD
    n: FloatArray
    t: FloatArray
    span: FloatArray
    floor: FloatArray
    rule: tuple[FloatArray, FloatArray]
    base: FloatArray

    @classmethod
    def of(cls, model: ParetoNBD, x: FloatArray, t: FloatArray, end: float) -> Self:
        n, floor = model.r + x, np.asarray(np.minimum(model.alpha, model.beta))
        whole = cls(model, n, t, np.log((floor + end) / (floor + t)), floor, legendre(1), n)
        span = np.maximum(whole.reach(), 1e-300)
        base = np.log(span * (floor + t)) - n * np.log(model.alpha + t)
        base = base - (model.s + 1.0) * np.log(model.beta + t)
        nodes = NODES + 2 * int(np.max(span, initial=0.0))
        return cls(model, n, t, span, floor, legendre(nodes), base)

    def reach(self) -> FloatArray:
        """Give z beyond which the integrand is negligible, at most the span; Newton from outside.

        The logarithm of the integrand is concave in z, so no step goes too far.
        """
        z = self.span
        for _ in range(5):
            buying, living, log_value = self._at(z)
            grown = np.log(self.floor + self.t) + z
            on_buying = np.exp(grown - buying - np.log(self.model.alpha + self.t))
            on_living = np.exp(grown - living - np.log(self.model.beta + self.t))
            fall = self.n * on_buying + (self.model.s + 1.0) * on_living - 1.0
            excess = np.maximum(-NEGLIGIBLE - log_value, 0.0)
            z = z - np.where(excess > 0, excess / np.where(fall > 0, fall, np.inf), 0.0)
        return z

    def at(self, node: FloatArray | float) -> Values:
        """Evaluate at z = node · span; see `_at`."""
        return self._at(self.span * node)

    def _at(self, z: FloatArray) -> Values:
        """log((α+y)/(α+t)), log((β+y)/(β+t)) and the log of the integrand relative to t."""
        elapsed = (self.floor + self.t) * np.expm1(z)
        buying = np.log1p(elapsed / (self.model.alpha + self.t))
        living = np.log1p(elapsed / (self.model.beta + self.t))
        return buying, living, z - self.n * buying - (self.model.s + 1.0) * living


def _expected_time(s: ArrayLike, B: ArrayLike, t: FloatArray) -> FloatArray:
    """E[min(lifetime, t)] when P(lifetime > y) = (B / (B + y))^s; smooth through s = 1."""
    u = np.log1p(t / np.asarray(B))
    power = (1.0 - np.asarray(s)) * u
    safe = np.where(np.abs(power) < 1e-8, 1.0, power)
    mean = np.where(np.abs(power) < 1e-8, 1.0 + power / 2, np.expm1(safe) / safe)
    return np.asarray(B * u * mean)


def _discounted_time(s: ArrayLike, B: FloatArray, discount: float, end: float) -> FloatArray:
    """Integrate e^(-δt) (B / (B + t))^s from 0 to `end`, in u = log(1 + t / B)."""
    fall = np.asarray(s) - 1.0
    span = np.log1p(np.minimum(end, 45.0 / max(discount, 1e-300)) / B) + 0.0 * fall
    for _ in range(6):
        value = -fall * span - discount * B * np.expm1(span)
        slope = fall + discount * B * np.exp(span)
        excess = np.maximum(-NEGLIGIBLE - value, 0.0)
        span = span - np.where(excess > 0, excess / np.where(slope > 0, slope, np.inf), 0.0)
    total = np.zeros_like(span)
    for node, weight in zip(*legendre(NODES + 8 + 2 * int(span.max(initial=0.0))), strict=True):
        u = span * node
        total += weight * np.exp(-fall * u - discount * B * np.expm1(u))
    return np.asarray(total * span * B)


def _objective(data: Purchases) -> Objective:
    """Build the log-likelihood with gradient and Hessian in log(r, alpha, s, beta).

    A row's likelihood is exp(U(x, T)) + exp(V(x, t_x)): not dead by the end of the longest
    observation, or dead between t_x and then. U and V are computed on distinct (x, t).
    """
    row, seen, now = _states(data)
    x, t = np.append(data.x, data.x)[row], np.append(data.t_x, data.T)[row]
    w, end, bought, repeat = data.weights, float(data.T.max()), *steps(data.x, data.weights)

    def value(theta: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        r, alpha, s, beta = np.exp(theta)
        parts = [_jets(ParetoNBD(r, alpha, s, beta), x[c], t[c], end) for c in cuts(len(x), 1024)]
        U, V = (
            _Jet(*(np.concatenate(c, -1) for c in zip(*j, strict=True)))
            for j in zip(*parts, strict=True)
        )
        surplus, dead = softplus_and_slope(V.value[seen] - U.value[now])
        at_U = np.bincount(now, weights=w * (1.0 - dead), minlength=len(x))
        at_V = np.bincount(seen, weights=w * dead, minlength=len(x))
        D = V.slope[:, seen] - U.slope[:, now]
        i, n = r + bought, w.sum()
        total = w @ (U.value[now] + surplus) + repeat @ np.log(i)
        slope = U.slope @ at_U + V.slope @ at_V
        curvature = U.curvature @ at_U + V.curvature @ at_V + (D * (w * dead * (1.0 - dead))) @ D.T
        slope[0] += repeat @ (r / i)
        curvature[0, 0] -= repeat @ (r / i) ** 2
        for at, rate, shape in ((0, alpha, r), (2, beta, s)):
            total += n * shape * np.log(rate)
            slope[at : at + 2] += n * shape * np.log(rate), n * shape
            curvature[at : at + 2, at : at + 2] += n * shape * np.array([[0.0, 1.0], [1.0, -1.0]])
        return in_logs(float(total), slope, curvature)

    return value


class _Jet(NamedTuple):
    """A function of the parameters p at some states: value, p_i d/dp_i and p_i p_j d²/dp_i dp_j.

    Shapes (states,), (4, states), (4, 4, states).
    """

    value: FloatArray
    slope: FloatArray
    curvature: FloatArray


def _jets(model: ParetoNBD, x: FloatArray, t: FloatArray, end: float) -> tuple[_Jet, _Jet]:
    """U and V of `_objective` at (x, t)."""
    alive, V = _alive_jet(model, x, t), _dead_jet(model, x, t, end)
    later = np.minimum(np.exp(V.value - alive.value), 1.0 - 1e-12)
    odds = later / (1.0 - later)
    gap = V.slope - alive.slope
    bend = odds * (V.curvature - alive.curvature) + odds * (1.0 + odds) * gap[:, None] * gap
    U = _Jet(alive.value + np.log1p(-later), alive.slope - odds * gap, alive.curvature - bend)
    return U, V


def _alive_jet(model: ParetoNBD, x: FloatArray, t: FloatArray) -> _Jet:
    """Log of (α+t)^-(r+x) (β+t)^-s."""
    r, s, n = model.r, model.s, model.r + x
    buying, living = np.log(model.alpha + t), np.log(model.beta + t)
    a, b = model.alpha / (model.alpha + t), model.beta / (model.beta + t)
    slope = -np.stack([r * buying, n * a, s * living, s * b])
    return _Jet(-n * buying - s * living, slope, _pairs(-r * a, n * a**2, -s * b, s * b**2))


def _dead_jet(model: ParetoNBD, x: FloatArray, t: FloatArray, end: float) -> _Jet:
    """Log of s times the integral over deaths from t to `end`: averages over the integrand."""
    r, s, n, grid = model.r, model.s, model.r + x, _Grid.of(model, x, t, end)
    node, weight = (v[:, None] for v in grid.rule)
    buying, living, log_value = grid.at(node)
    mass = weight * np.exp(log_value)
    total = mass.sum(0)
    mass /= total
    a = model.alpha / (model.alpha + t) * np.exp(-buying)
    b = model.beta / (model.beta + t) * np.exp(-living)
    buying, living = buying + np.log(model.alpha + t), living + np.log(model.beta + t)
    parts = np.stack([-r * buying, -n * a, 1.0 - s * living, -(s + 1.0) * b])
    slope = (parts * mass).sum(1)
    curvature = _covariances(parts - slope[:, None], mass)
    mean_a, mean_aa, mean_b, mean_bb = ((v * mass).sum(0) for v in (a, a * a, b, b * b))
    curvature += _pairs(-r * mean_a, n * mean_aa, -s * mean_b, (s + 1.0) * mean_bb)
    curvature[2, 2] -= 1.0
    return _Jet(np.log(s * total) + grid.base, slope, curvature)


def _covariances(parts: FloatArray, mass: FloatArray) -> FloatArray:
    """Covariances of centred parts (4, nodes, states) under the mass, shape (4, 4, states)."""
    result = np.empty((4, 4, mass.shape[1]))
    for i in range(4):
        weighted = parts[i] * mass
        for j in range(i + 1):
            result[i, j] = result[j, i] = (weighted * parts[j]).sum(0)
    return result


def _pairs(ra: FloatArray, aa: FloatArray, sb: FloatArray, bb: FloatArray) -> FloatArray:
    """Second derivatives that pair r with α and s with β, shape (4, 4, states)."""
    result = np.zeros((4, 4, len(ra)))
    result[0, 1] = result[1, 0] = ra
    result[1, 1] = aa
    result[2, 3] = result[3, 2] = sb
    result[3, 3] = bb
    return result


def _starts(data: Purchases) -> list[FloatArray]:
    rate, span = data.rate_and_span()
    shapes = [(0.5, 0.6, 1.0), (2.0, 2.0, 5.0), (0.3, 0.2, 0.3)]
    return [np.log([r, 0.7 * max(r / rate, 1e-3 * span), s, beta * span]) for r, s, beta in shapes]


def _bounds(data: Purchases) -> tuple[FloatArray, FloatArray]:
    _, span = data.rate_and_span()
    low = np.log([1e-4, 1e-6 * span, 1e-5, 1e-6 * span])
    return low, np.log([1e4, 1e6 * span, 1e4, 1e6 * span])
