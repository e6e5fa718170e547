"""MBG/NBD: special cases, second opinions and recovery. Published numbers: `published.toml`."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import beta, gamma

from data_sets import cdnow_sample_histories, requires_data
from kizuna.clv.data import Purchases
from kizuna.clv.fitting import numeric_objective
from kizuna.clv.models import BGNBD, MBGNBD
from kizuna.clv.models.mbg_nbd import _objective
from kizuna.clv.simulate import simulate_future, simulate_purchases

CDNOW = MBGNBD(0.525, 6.183, 0.891, 1.614)
SOME = Purchases([0, 1, 2, 7, 0], [0, 3.0, 30.43, 20.0, 0], [38.86, 12.0, 38.86, 21.0, 0.0])


def simulate(model: MBGNBD, customers: int, seed: int) -> Purchases:
    rng = np.random.default_rng(seed)
    return simulate_purchases(model, rng.uniform(30.0, 60.0, customers), rng)


@pytest.mark.parametrize(("x", "t_x"), [(0.0, 0.0), (3.0, 20.0)])
def test_the_likelihood_is_the_story_averaged_over_customers(x: float, t_x: float) -> None:
    rates, dropouts, T = gamma(CDNOW.r, scale=1 / CDNOW.alpha), beta(CDNOW.a, CDNOW.b), 38.86
    top = rates.ppf(1 - 1e-15)
    alive, gone = (
        quad(
            lambda v, t: v**x * np.exp(-v * t) * rates.pdf(v), 0, top, (t,), epsabs=1e-14, limit=200
        )[0]
        for t in (T, t_x)
    )
    stays = dropouts.expect(lambda p: (1 - p) ** (x + 1))
    leaves = dropouts.expect(lambda p: p * (1 - p) ** x)
    ours = CDNOW.log_likelihood(Purchases([x], [t_x], [T]))[0]
    assert ours == pytest.approx(np.log(alive * stays + gone * leaves), rel=1e-5)


def test_one_time_buyers_fade_away() -> None:
    silent = Purchases(np.zeros(4), np.zeros(4), [0.0, 10.0, 50.0, 5_000.0])
    alive = CDNOW.p_alive(silent)
    assert alive[0] == pytest.approx(CDNOW.b / (CDNOW.a + CDNOW.b))
    assert (np.diff(alive) < 0).all()
    assert alive[-1] < 0.06


def test_a_new_customer_may_never_have_been_one() -> None:
    new = Purchases([0], [0], [0])
    expected = CDNOW.expected_purchases(new, 39.0)[0]
    assert CDNOW.expected_purchases_new(39.0) == pytest.approx(expected, rel=1e-11)


def test_with_little_dropout_it_equals_the_bg_nbd() -> None:
    parameters = (0.8, 5.0, 1e-4, 1e3)
    ours = MBGNBD(*parameters).expected_purchases(SOME, 52.0)
    assert ours == pytest.approx(BGNBD(*parameters).expected_purchases(SOME, 52.0), rel=1e-5)


def test_the_chances_of_each_count_add_up_to_one_and_to_the_expectation() -> None:
    count = np.arange(0.0, 400.0)[:, None]
    chance = CDNOW.p_exactly(count, SOME, 39.0)
    assert chance.sum(0) == pytest.approx(np.ones(5), rel=1e-9)
    assert (count * chance).sum(0) == pytest.approx(CDNOW.expected_purchases(SOME, 39.0), rel=1e-6)


@pytest.mark.parametrize("horizon", [52.0, None])
def test_discounting_sums_short_periods(horizon: float | None) -> None:
    edges = np.linspace(0.0, horizon or 600.0, 40_001)
    total = np.array([CDNOW.expected_purchases(SOME, t) for t in edges[::40]])
    middle = (edges[::40][1:] + edges[::40][:-1]) / 2
    direct = np.exp(-0.05 * middle) @ np.diff(total, axis=0)
    ours = CDNOW.discounted_purchases(SOME, discount=0.05, horizon=horizon)
    assert ours == pytest.approx(direct, rel=1e-3)


def test_expectation_and_chances_are_those_of_simulated_futures() -> None:
    history = Purchases(np.full(200_000, 2.0), np.full(200_000, 20.0), np.full(200_000, 30.0))
    future = simulate_future(CDNOW, history, 52.0, np.random.default_rng(7))
    one = history.take(np.arange(1))
    assert future.mean() == pytest.approx(CDNOW.expected_purchases(one, 52.0)[0], rel=0.02)
    assert (future >= 3).mean() == pytest.approx(CDNOW.p_at_least(3, one, 52.0)[0], rel=0.02)


@pytest.mark.parametrize(
    "at", [[0.3, 4.0, 0.7, 2.0], [2.0, 40.0, 0.1, 0.2], [0.05, 1.0, 6.0, 20.0]]
)
def test_gradient_and_hessian_are_those_of_the_likelihood(at: list[float]) -> None:
    data, theta = simulate(CDNOW, 500, 3), np.log(at)
    numeric = numeric_objective(lambda v: float(MBGNBD(*np.exp(v)).log_likelihood(data).sum()))
    for ours, second in zip(_objective(data)(theta), numeric(theta), strict=True):
        assert ours == pytest.approx(second, rel=1e-3, abs=1e-4 * np.abs(second).max())


def test_parameters_are_recovered_within_their_standard_errors() -> None:
    truth = MBGNBD(0.8, 6.0, 0.9, 2.5)
    fit = MBGNBD.fit(simulate(truth, 20_000, 4))
    for name, error in fit.standard_errors.items():
        assert abs(getattr(fit.model, name) - getattr(truth, name)) < 3.5 * error


@requires_data
@pytest.mark.parametrize("factor", [7.0, 168.0, 7 / 365.25])
def test_the_answer_does_not_depend_on_the_unit_of_time(factor: float) -> None:
    weeks = cdnow_sample_histories().purchases
    one, other = MBGNBD.fit(weeks).model, MBGNBD.fit(weeks.scaled(factor)).model
    assert other.alpha == pytest.approx(one.alpha * factor, rel=1e-6)
    expected = other.expected_purchases(weeks.scaled(factor), 39.0 * factor).sum()
    assert expected == pytest.approx(one.expected_purchases(weeks, 39.0).sum(), rel=1e-7)
