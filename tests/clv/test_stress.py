"""Sixty awkward customer bases for every purchase model: nothing raises, nothing is absurd.

Purchase rates from .01 to 5 a week, heterogeneity from .1 to 3, five shapes of dropout, 18 to 60
weeks of observation. A fit must be at least as likely as the truth, and every prediction finite,
not negative and in the right order.
"""

from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest
from scipy.special import gammaln, hyp2f1

from kizuna.clv.beta_geometric import bounds
from kizuna.clv.data import Purchases
from kizuna.clv.models import BGNBD, MBGNBD, PURCHASE_MODELS, ParetoNBD

RATES, SHAPES = [0.01, 0.1, 0.5, 2.0, 5.0], [0.1, 0.5, 1.0, 3.0]
DROPOUTS = [(0.1, 0.1), (0.5, 3.0), (1.0, 1.0), (3.0, 1.0), (2.0, 40.0)]
WEEKS = [18.0, 35.0, 60.0]
BASES = [
    (rate, shape, *DROPOUTS[(i + j) % 5], WEEKS[(i + 2 * j + k) % 3])
    for k in range(3)
    for (i, rate), (j, shape) in product(enumerate(RATES), enumerate(SHAPES))
]
"""(purchases a week, r, a, b, weeks of observation)."""


def truth_of(model: type, base: tuple[float, ...]) -> BGNBD | MBGNBD | ParetoNBD:
    rate, r, a, b, weeks = base
    if model is ParetoNBD:
        return ParetoNBD(r, r / rate, a, b * weeks / 3.0)
    return model(r, r / rate, a, b)


def purchases(truth: BGNBD | MBGNBD | ParetoNBD, weeks: float, seed: int) -> Purchases:
    """Draw 800 customers by the story of the model, week by week in continuous time."""
    rng = np.random.default_rng(seed)
    T = rng.uniform(weeks / 4, weeks, 800)
    rate = rng.gamma(truth.r, 1 / truth.alpha, 800)
    pareto = isinstance(truth, ParetoNBD)
    leave = np.zeros(800) if pareto else rng.beta(truth.a, truth.b, 800)
    end = np.full(800, np.inf)
    if isinstance(truth, ParetoNBD):
        end = rng.exponential(1 / np.maximum(rng.gamma(truth.s, 1 / truth.beta, 800), 1e-300))
    x, t_x = np.zeros(800), np.zeros(800)
    alive = rng.random(800) >= leave if isinstance(truth, MBGNBD) else np.ones(800, bool)
    now = np.zeros(800)
    while alive.any():
        now = now + rng.exponential(1.0, 800) / np.maximum(rate, 1e-300)
        buys = alive & (now < np.minimum(T, end))
        x, t_x = x + buys, np.where(buys, now, t_x)
        alive = buys & (rng.random(800) >= leave)
    return Purchases(x, t_x, T)


def predictions(model: BGNBD | MBGNBD | ParetoNBD, data: Purchases, t: float) -> Iterator[float]:
    yield model.p_alive(data)
    yield model.p_exactly(2, data, t)
    yield model.expected_purchases(data, t)
    yield model.discounted_purchases(data, discount=0.002, horizon=t)
    yield model.discounted_purchases(data, discount=0.002)
    yield model.expected_purchases_new(t)


@pytest.mark.parametrize("model", PURCHASE_MODELS)
@pytest.mark.parametrize("number", range(len(BASES)))
def test_a_fit_is_at_least_as_likely_as_the_truth_and_predicts_sensibly(
    model: type, number: int
) -> None:
    truth, weeks = truth_of(model, BASES[number]), BASES[number][-1]
    data = purchases(truth, weeks, number)
    fit = model.fit(data)
    assert fit.converged
    assert fit.log_likelihood >= truth.log_likelihood(data).sum() - 1e-6
    assert fit.log_likelihood == pytest.approx(fit.model.log_likelihood(data).sum(), abs=1e-5)
    values = list(predictions(fit.model, data, weeks))
    assert all((np.isfinite(v) & (np.asarray(v) >= 0)).all() for v in values)
    alive, once, expected, discounted, forever, _ = values
    assert (alive <= 1).all()
    assert (once <= 1).all()
    assert (discounted <= expected * (1 + 1e-9)).all()
    assert (discounted <= forever * (1 + 1e-9)).all()


def test_there_are_sixty_different_bases() -> None:
    assert len(set(BASES)) == 60


def test_the_textbook_formula_fails_this_test_on_some_bases() -> None:
    """Eq. (10) with 2F1, as most libraries have it, gives absurd values on some of these fits."""
    bad = 0
    for number, base in enumerate(BASES):
        data = purchases(truth_of(BGNBD, base), base[-1], number)
        m = BGNBD.fit(data).model
        A, c = m.alpha + data.T, m.a + m.b + data.x - 1
        with np.errstate(all="ignore"):
            z = base[-1] / (A + base[-1])
            tail = (A / (A + base[-1])) ** (m.r + data.x) * hyp2f1(m.r + data.x, m.b + data.x, c, z)
            value = c / (m.a - 1) * (1 - tail)
            exact = m.expected_purchases_alive(data, base[-1])
            bad += not np.allclose(value, exact, rtol=1e-3)
    assert bad > 0


def test_with_plain_differences_of_log_gammas_the_likelihood_rises_without_end() -> None:
    x, a, b = 60.0, 3e13, 1e15
    plain = gammaln(b + x) - gammaln(b) - (gammaln(a + b + x) - gammaln(a + b))
    stable = BGNBD(1.0, 1.0, a, b).log_likelihood(Purchases([x], [1.0], [1.0]))
    exact = BGNBD(1.0, 1.0, 3.0, 100.0).log_likelihood(Purchases([x], [1.0], [1.0]))
    assert abs(plain - x * np.log(b / (a + b))) > 1e-2
    assert stable == pytest.approx(exact, rel=0.05)


def test_the_likelihood_is_flat_where_everyone_has_the_same_dropout() -> None:
    data = purchases(BGNBD(1.0, 2.0, 0.5, 3.0), 40.0, 1)
    values = [BGNBD(1.0, 2.0, 0.1 * s, s).log_likelihood(data).sum() for s in (1e7, 1e9, 1e11)]
    assert values == pytest.approx([values[0]] * 3, abs=1e-3)


def test_bounds_move_with_the_unit_of_time() -> None:
    data = purchases(BGNBD(1.0, 2.0, 0.5, 3.0), 40.0, 1)
    gap = bounds(data.scaled(7.0))[0] - bounds(data)[0]
    assert gap == pytest.approx([0.0, np.log(7.0), 0.0, 0.0])
