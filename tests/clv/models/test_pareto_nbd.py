"""Pareto/NBD: special cases, second opinions and recovery. Published numbers: `published.toml`."""

from itertools import pairwise

import mpmath as mp
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import nbinom

from data_sets import cdnow_sample_histories, requires_data
from kizuna.clv.data import Purchases
from kizuna.clv.fitting import numeric_objective
from kizuna.clv.lifetime_integral import objective
from kizuna.clv.models import ParetoNBD
from kizuna.clv.simulate import simulate_future, simulate_purchases

CDNOW = ParetoNBD(0.553, 10.578, 0.606, 11.669)
SOME = Purchases([0, 1, 2, 26, 0], [0, 3.0, 30.43, 30.86, 0], [38.86, 12.0, 38.86, 31.0, 0.0])
CORNERS = [
    CDNOW,
    ParetoNBD(0.553, 11.669, 0.606, 10.578),
    ParetoNBD(2.0, 0.01, 0.1, 300.0),
    ParetoNBD(0.01, 300.0, 5.0, 0.02),
    ParetoNBD(3.0, 9.0, 80.0, 9_000.0),
]


def simulate(model: ParetoNBD, customers: int, seed: int) -> Purchases:
    rng = np.random.default_rng(seed)
    return simulate_purchases(model, rng.uniform(30.0, 60.0, customers), rng)


def odds_dead(m: ParetoNBD, x: float, t_x: float, T: float) -> float:
    """P(dead) / P(alive) by the closed form with 2F1 (Fader and Hardie 2005), in 50 digits."""
    with mp.workdps(50):
        r, alpha, s, beta, x, t_x, T = map(mp.mpf, (m.r, m.alpha, m.s, m.beta, x, t_x, T))
        k, high, low = r + s + x, max(alpha, beta), min(alpha, beta)
        b = s + 1 if alpha >= beta else r + x

        def part(t: mp.mpf) -> mp.mpf:
            return mp.hyp2f1(k, b, k + 1, (high - low) / (high + t)) / (high + t) ** k

        return float(s / k * (part(t_x) - part(T)) * (alpha + T) ** (r + x) * (beta + T) ** s)


@pytest.mark.parametrize("model", CORNERS)
def test_p_alive_agrees_with_the_hypergeometric_form(model: ParetoNBD) -> None:
    exact = [1 / (1 + odds_dead(model, *row)) for row in zip(*SOME.columns, strict=True)]
    assert model.p_alive(SOME) == pytest.approx(exact, rel=1e-9)


def test_with_equal_rates_the_integral_has_a_closed_form() -> None:
    model, k = ParetoNBD(0.8, 7.0, 0.5, 7.0), 0.8 + 0.5 + SOME.x
    odds = 0.5 / k * (((7.0 + SOME.T) / (7.0 + SOME.t_x)) ** k - 1)
    assert model.p_alive(SOME) == pytest.approx(1 / (1 + odds), rel=1e-12)


def test_exchanging_the_rates_is_not_a_matter_of_taste() -> None:
    assert CORNERS[0].p_alive(SOME)[0] != pytest.approx(CORNERS[1].p_alive(SOME)[0], rel=1e-3)


def test_one_time_buyers_fade_away() -> None:
    silent = Purchases(np.zeros(4), np.zeros(4), [0.0, 10.0, 50.0, 5_000.0])
    alive = CDNOW.p_alive(silent)
    assert alive[0] == 1.0
    assert (np.diff(alive) < 0).all()


def test_a_customer_who_has_just_bought_is_alive() -> None:
    assert CDNOW.p_alive(Purchases([3.0], [10.0], [10.0]))[0] == pytest.approx(1.0)


def test_without_dropout_it_is_the_negative_binomial_model() -> None:
    loyal = ParetoNBD(1.3, 8.0, 1e-5, 1e4)
    n, share = 1.3 + SOME.x, 52.0 / (8.0 + SOME.T + 52.0)
    assert loyal.expected_purchases(SOME, 52.0) == pytest.approx(
        n / (8.0 + SOME.T) * 52.0, rel=1e-4
    )
    assert loyal.p_exactly(2, SOME, 52.0) == pytest.approx(nbinom.pmf(2, n, 1 - share), abs=1e-5)


def test_expected_purchases_are_smooth_where_the_textbook_divides_by_zero() -> None:
    near = [
        ParetoNBD(0.5, 5.0, s, 9.0).expected_purchases_new(52.0) for s in (1 - 1e-7, 1.0, 1 + 1e-7)
    ]
    assert near[1] == pytest.approx((near[0] + near[2]) / 2, rel=1e-12)


def test_the_chances_of_each_count_add_up_to_one_and_to_the_expectation() -> None:
    count = np.arange(0.0, 600.0)[:, None]
    chance = CDNOW.p_exactly(count, SOME, 39.0)
    assert chance.sum(0) == pytest.approx(np.ones(5), rel=1e-9)
    assert (count * chance).sum(0) == pytest.approx(CDNOW.expected_purchases(SOME, 39.0), rel=1e-6)


@pytest.mark.parametrize("model", CORNERS)
@pytest.mark.parametrize("horizon", [52.0, None])
def test_discounting_is_the_integral_over_the_lifetime(
    model: ParetoNBD, horizon: float | None
) -> None:
    def time(t: float, T: float) -> float:
        return float(np.exp(-0.01 * t) * ((model.beta + T) / (model.beta + T + t)) ** model.s)

    ours = model.discounted_purchases(SOME, discount=0.01, horizon=horizon)
    rate = model.p_alive(SOME) * (model.r + SOME.x) / (model.alpha + SOME.T)
    ends = [0.0, 0.01, 0.3, 5.0, 52.0] + ([] if horizon else [500.0, 5_000.0])
    for i, T in enumerate(SOME.T):
        parts = (quad(time, *pair, args=(T,), epsrel=1e-11)[0] for pair in pairwise(ends))
        assert ours[i] == pytest.approx(rate[i] * sum(parts), rel=1e-8)


def test_expectation_and_chances_are_those_of_simulated_futures() -> None:
    history = Purchases(np.full(200_000, 2.0), np.full(200_000, 20.0), np.full(200_000, 30.0))
    future = simulate_future(CDNOW, history, 52.0, np.random.default_rng(7))
    one = history.take(np.arange(1))
    assert future.mean() == pytest.approx(CDNOW.expected_purchases(one, 52.0)[0], rel=0.02)
    assert (future >= 3).mean() == pytest.approx(CDNOW.p_at_least(3, one, 52.0)[0], rel=0.02)


@pytest.mark.parametrize(
    "at", [[0.3, 4.0, 0.7, 20.0], [2.0, 40.0, 0.1, 5.0], [0.05, 1.0, 60.0, 900.0]]
)
def test_gradient_and_hessian_are_those_of_the_likelihood(at: list[float]) -> None:
    data, theta = simulate(CDNOW, 500, 3), np.log(at)
    numeric = numeric_objective(lambda v: float(ParetoNBD(*np.exp(v)).log_likelihood(data).sum()))
    for ours, second in zip(objective(data)(theta), numeric(theta), strict=True):
        assert ours == pytest.approx(second, rel=1e-3, abs=1e-4 * np.abs(second).max())


def test_parameters_are_recovered_within_their_standard_errors() -> None:
    truth = ParetoNBD(0.8, 6.0, 0.9, 25.0)
    fit = ParetoNBD.fit(simulate(truth, 20_000, 4))
    for name, error in fit.standard_errors.items():
        assert abs(getattr(fit.model, name) - getattr(truth, name)) < 3.5 * error


def test_draws_give_what_each_draw_gives_alone() -> None:
    draws = ParetoNBD(*np.array([[0.2, 4.0, 0.8, 24.0], [0.9, 19.0, 1.5, 2.0]]).T[:, :, None])
    alone = ParetoNBD(0.9, 19.0, 1.5, 2.0)
    for one, both in (
        (
            alone.discounted_purchases(SOME, discount=0.01),
            draws.discounted_purchases(SOME, discount=0.01),
        ),
        (alone.p_alive(SOME), draws.p_alive(SOME)),
        (alone.p_at_least(2, SOME, 9.0), draws.p_at_least(2, SOME, 9.0)),
        (alone.log_likelihood(SOME), draws.log_likelihood(SOME)),
    ):
        assert both.shape == (2, 5)
        assert both[1] == pytest.approx(one, rel=1e-9)


@requires_data
@pytest.mark.parametrize("factor", [7.0, 168.0, 7 / 365.25])
def test_the_answer_does_not_depend_on_the_unit_of_time(factor: float) -> None:
    weeks = cdnow_sample_histories().purchases
    one, other = ParetoNBD.fit(weeks).model, ParetoNBD.fit(weeks.scaled(factor)).model
    assert other.beta == pytest.approx(one.beta * factor, rel=1e-6)
    expected = other.expected_purchases(weeks.scaled(factor), 39.0 * factor).sum()
    assert expected == pytest.approx(one.expected_purchases(weeks, 39.0).sum(), rel=1e-7)
