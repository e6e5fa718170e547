"""The Pareto/NBD likelihood: the integral over the unseen moment at which a customer left.

With n = r + x, V(x, t) is the log of s ∫ (α+y)^-n (β+y)^-(s+1) dy, y from t to an end E that lies
beyond every T; U(x, T) is the log of (α+T)^-n (β+T)^-s - exp V(x, T), the chance of buying x times
and living past E. A row's likelihood is exp U(x, T) + exp V(x, t_x), apart from what holds x alone.
Both are smooth functions of (x, t), so they are computed on far fewer points than rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from kizuna.clv.data import FloatArray, Purchases, distinct
from kizuna.clv.fitting import Objective
from kizuna.clv.interpolation import Blend, Lookup, smooth_in_log
from kizuna.clv.special import cuts, in_logs, legendre, softplus_and_slope, steps

type Index = NDArray[np.intp]
type Read = Lookup | Blend
type Made = tuple[FloatArray, FloatArray, Read, Read]
type Values = tuple[FloatArray, FloatArray, FloatArray]

NODES = 18
NEGLIGIBLE = 38.0
MANY = 100_000
"""Distinct (x, t) from which a mesh is considered, and points that each x may then take."""
A_MESH = 400
BEYOND = 6.0
"""The integral ends at this multiple of the longest observation, so that V is smooth up to T."""


class Pareto(Protocol):
    """Parameters of the model, scalars or draws of shape (draws, 1)."""

    @property
    def r(self) -> float: ...
    @property
    def alpha(self) -> float: ...
    @property
    def s(self) -> float: ...
    @property
    def beta(self) -> float: ...


class Point(NamedTuple):
    """Scalar parameters."""

    r: float
    alpha: float
    s: float
    beta: float


def log_odds_dead(model: Pareto, data: Purchases) -> FloatArray:
    """Log of P(dead) / P(alive) at T: the integral over deaths from t_x to T."""
    row, group = distinct(data.x)
    x, end = data.x[row], BEYOND * float(data.T.max(initial=0.0))

    def tail(at: Index, t: FloatArray) -> FloatArray:
        parts = [log_tail(model, x[at[c]], t[c], end) for c in cuts(len(t))]
        return np.concatenate([np.zeros_like(model.r + t[:0]), *parts], axis=-1)

    floor = float(np.min(np.minimum(model.alpha, model.beta)))
    both = smooth_in_log(tail, np.append(group, group), np.append(data.t_x, data.T), floor)
    early, late = both[..., : len(data)], both[..., len(data) :]
    alive = (model.r + data.x) * np.log(model.alpha + data.T) + model.s * np.log(
        model.beta + data.T
    )
    share = np.log(-np.expm1(np.minimum(late - early, -1e-300)))
    return np.asarray(np.log(model.s) + alive + early + share)


def log_tail(model: Pareto, x: FloatArray, t: FloatArray, end: float) -> FloatArray:
    """Log of the integral of (α+y)^-(r+x) (β+y)^-(s+1) from t to `end`."""
    grid = _Grid.of(model, x, t, end)
    total = sum(w * np.exp(grid.at(z)[2]) for z, w in zip(*grid.rule, strict=True))
    return np.asarray(np.log(total) + grid.base)


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """Quadrature over y from t to `end` in z = log((γ + y) / (γ + t)), γ = min(α, β).

    In z the integrand is analytic in the strip |Im z| < π and falls at least like exp(-(n + s) z).
    """

    model: Pareto
    n: FloatArray
    t: FloatArray
    span: FloatArray
    floor: FloatArray
    rule: tuple[FloatArray, FloatArray]
    base: FloatArray

    @classmethod
    def of(cls, model: Pareto, x: FloatArray, t: FloatArray, end: float) -> Self:
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


def objective(data: Purchases) -> Objective:
    """Build the log-likelihood with gradient and Hessian in log(r, alpha, s, beta).

    U and V are computed where `_places` says, and read from there for each row.
    """
    w, end, bought, repeat = (
        data.weights,
        BEYOND * float(data.T.max()),
        *steps(data.x, data.weights),
    )
    places = _Places(data)

    def value(theta: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        r, alpha, s, beta = np.exp(theta)
        x, t, seen, now = places.near(min(alpha, beta))
        parts = [_jets(Point(r, alpha, s, beta), x[c], t[c], end) for c in cuts(len(x), 1024)]
        U, V = (
            _Jet(*(np.concatenate(c, -1) for c in zip(*j, strict=True)))
            for j in zip(*parts, strict=True)
        )
        late, early = now.read(U.head()), seen.read(V.head())
        surplus, dead = softplus_and_slope(early[0] - late[0])
        at_U, at_V, D = now.add(w * (1.0 - dead)), seen.add(w * dead), early[1:] - late[1:]
        i, n = r + bought, w.sum()
        total = w @ (late[0] + surplus) + repeat @ np.log(i)
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

    def head(self) -> FloatArray:
        """Stack value and slope, shape (5, states)."""
        return np.vstack([self.value, self.slope])


class _Places:
    """Where U and V are computed: on the distinct (x, t), or on a fine mesh when those are many."""

    def __init__(self, data: Purchases) -> None:
        self._x, self._t = np.append(data.x, data.x), np.append(data.t_x, data.T)
        self._rows, self._floor = len(data), np.inf
        row, state = distinct(self._x, self._t)
        self._few = len(row) <= max(MANY, A_MESH * len(np.unique(self._x)))
        if self._few:
            seen, now = (Lookup(state[half], len(row)) for half in self._halves())
            self._made: Made = self._x[row], self._t[row], seen, now

    def near(self, floor: float) -> Made:
        """Give x and t of the places, and how rows read them, fit for parameters down to `floor`.

        On a mesh in log(c + t), c = floor / 4; laid anew when the parameters have moved below 2 c.
        """
        if not self._few and floor < self._floor:
            self._made, self._floor = self._mesh(floor / 4.0), floor / 2.0
        return self._made

    def _halves(self) -> tuple[slice, slice]:
        return slice(0, self._rows), slice(self._rows, None)

    def _mesh(self, shift: float) -> Made:
        row, group = distinct(self._x)
        z = np.log(shift + self._t)
        at, node, (seen, now) = Blend.on_mesh(group, z, self._halves())
        return self._x[row][at], np.exp(node) - shift, seen, now


def _jets(model: Pareto, x: FloatArray, t: FloatArray, end: float) -> tuple[_Jet, _Jet]:
    """U and V of `_objective` at (x, t)."""
    alive, V = _alive_jet(model, x, t), _dead_jet(model, x, t, end)
    later = np.minimum(np.exp(V.value - alive.value), 1.0 - 1e-12)
    odds = later / (1.0 - later)
    gap = V.slope - alive.slope
    bend = odds * (V.curvature - alive.curvature) + odds * (1.0 + odds) * gap[:, None] * gap
    U = _Jet(alive.value + np.log1p(-later), alive.slope - odds * gap, alive.curvature - bend)
    return U, V


def _alive_jet(model: Pareto, x: FloatArray, t: FloatArray) -> _Jet:
    """Log of (α+t)^-(r+x) (β+t)^-s."""
    r, s, n = model.r, model.s, model.r + x
    buying, living = np.log(model.alpha + t), np.log(model.beta + t)
    a, b = model.alpha / (model.alpha + t), model.beta / (model.beta + t)
    slope = -np.stack([r * buying, n * a, s * living, s * b])
    return _Jet(-n * buying - s * living, slope, _pairs(-r * a, n * a**2, -s * b, s * b**2))


def _dead_jet(model: Pareto, x: FloatArray, t: FloatArray, end: float) -> _Jet:
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
