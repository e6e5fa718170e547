"""BG/NBD: special cases, second opinions and recovery. Published numbers: `published.toml`."""

from collections.abc import Callable
from functools import partial

import mpmath as mp
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import beta, gamma, nbinom
from scipy.stats.distributions import rv_frozen

from data_sets import cdnow_sample_histories, requires_data
from kizuna.clv.data import Purchases
from kizuna.clv.fitting import numeric_objective
from kizuna.clv.models import BGNBD
from kizuna.clv.models.bg_nbd import _objective
from kizuna.clv.simulate import simulate_purchases

CDNOW = BGNBD(0.243, 4.414, 0.793, 2.426)
SOME = Purchases([0, 1, 2, 7, 0], [0, 3.0, 30.43, 20.0, 0], [38.86, 12.0, 38.86, 21.0, 0.0])


def simulate(model: BGNBD, customers: int, seed: int) -> Purchases:
    rng = np.random.default_rng(seed)
    return simulate_purchases(model, rng.uniform(30.0, 60.0, customers), rng)


def mean_over(shape: rv_frozen, value: Callable[[float], float]) -> float:
    return float(quad(lambda v: value(v) * shape.pdf(v), *shape.ppf([0, 1 - 1e-15]))[0])


def test_the_likelihood_is_the_story_averaged_over_customers() -> None:
    x, t_x, T = 2.0, 30.43, 38.86
    rates, dropouts = gamma(CDNOW.r, scale=1 / CDNOW.alpha), beta(CDNOW.a, CDNOW.b)
    buys = [mean_over(rates, partial(lambda t, v: v**x * np.exp(-v * t), t)) for t in (T, t_x)]
    stays = mean_over(dropouts, lambda p: (1 - p) ** x)
    leaves = mean_over(dropouts, lambda p: p * (1 - p) ** (x - 1))
    ours = CDNOW.log_likelihood(Purchases([x], [t_x], [T]))[0]
    assert ours == pytest.approx(np.log(buys[0] * stays + buys[1] * leaves), rel=1e-7)


def test_one_time_buyers_are_always_alive() -> None:
    assert (CDNOW.p_alive(SOME)[[0, 4]] == 1.0).all()


def test_a_customer_who_has_just_bought_may_have_left_with_it() -> None:
    just = Purchases([3.0], [10.0], [10.0])
    odds = CDNOW.a / (CDNOW.b + 2.0)
    assert CDNOW.p_alive(just)[0] == pytest.approx(1 / (1 + odds))


@pytest.mark.parametrize("horizon", [0.1, 39.0, 5_000.0])
def test_expected_purchases_agree_with_the_formula_of_the_paper(horizon: float) -> None:
    with mp.workdps(40):
        r, A, a, b = (mp.mpf(v) for v in (CDNOW.r, CDNOW.alpha, CDNOW.a, CDNOW.b))
        for i, (x, T) in enumerate(zip(SOME.x, SOME.T, strict=True)):
            x, T, t = mp.mpf(x), mp.mpf(T), mp.mpf(horizon)
            tail = mp.hyp2f1(r + x, b + x, a + b + x - 1, t / (A + T + t))
            paper = (a + b + x - 1) / (a - 1) * (1 - ((A + T) / (A + T + t)) ** (r + x) * tail)
            ours = CDNOW.expected_purchases_alive(SOME, horizon)[i]
            assert ours == pytest.approx(float(paper), rel=1e-11)


def test_expected_purchases_are_smooth_where_the_formula_of_the_paper_divides_by_zero() -> None:
    near = [
        BGNBD(0.5, 5.0, a, 2.0).expected_purchases(SOME, 52.0) for a in (1 - 1e-6, 1.0, 1 + 1e-6)
    ]
    assert near[1] == pytest.approx((near[0] + near[2]) / 2, rel=1e-10)


def test_a_horizon_for_each_row_gives_each_row_its_own() -> None:
    horizons = np.array([1.0, 2.0, 30.0, 4.0, 50.0])
    each = [CDNOW.expected_purchases(SOME, h)[i] for i, h in enumerate(horizons)]
    assert CDNOW.expected_purchases(SOME, horizons) == pytest.approx(each, rel=1e-11)


def test_many_rows_interpolated_equal_each_row_alone() -> None:
    data = simulate(CDNOW, 3_000, 2)
    some = data.take(np.arange(0, 3_000, 157))
    whole = CDNOW.discounted_purchases(data, discount=0.002, horizon=52.0)[::157]
    alone = CDNOW.discounted_purchases(some, discount=0.002, horizon=52.0)
    assert whole == pytest.approx(alone, rel=1e-10)


def test_a_new_customer_is_a_customer_without_history() -> None:
    new = Purchases([0], [0], [0])
    assert CDNOW.expected_purchases_new(39.0) == pytest.approx(
        CDNOW.expected_purchases(new, 39.0)[0]
    )
    assert CDNOW.expected_purchases_new([[1.0, 2.0]]).shape == (1, 2)


def test_without_dropout_it_is_the_negative_binomial_model() -> None:
    loyal = BGNBD(1.3, 8.0, 1e-4, 1e6)
    n, share = 1.3 + SOME.x, 52.0 / (8.0 + SOME.T + 52.0)
    assert loyal.expected_purchases(SOME, 52.0) == pytest.approx(
        n / (8.0 + SOME.T) * 52.0, rel=1e-6
    )
    exactly = nbinom.pmf(2, n, 1 - share)
    assert loyal.p_exactly(2, SOME, 52.0) == pytest.approx(exactly, rel=1e-6)


def test_the_chances_of_each_count_add_up_to_one_and_to_the_expectation() -> None:
    count = np.arange(0.0, 400.0)[:, None]
    chance = CDNOW.p_exactly(count, SOME, 39.0)
    assert chance.sum(0) == pytest.approx(np.ones(5), rel=1e-9)
    assert (count * chance).sum(0) == pytest.approx(CDNOW.expected_purchases(SOME, 39.0), rel=1e-6)


@pytest.mark.parametrize("horizon", [52.0, None])
def test_discounting_is_the_integral_over_the_future(horizon: float | None) -> None:
    def worth(t: float, row: Purchases) -> float:
        return float(np.exp(-0.05 * t) * CDNOW.expected_purchases(row, t)[0])

    for i in range(len(SOME)):
        row = SOME.take(np.array([i]))
        end = horizon or 500.0
        by_parts = 0.05 * quad(worth, 0, end, args=(row,), epsrel=1e-9, limit=200)[0] + worth(
            end, row
        )
        ours = CDNOW.discounted_purchases(row, discount=0.05, horizon=horizon)[0]
        assert ours == pytest.approx(by_parts, rel=1e-7)


def test_without_discount_the_discounted_purchases_are_the_expected_ones() -> None:
    plain = CDNOW.expected_purchases(SOME, 52.0)
    assert CDNOW.discounted_purchases(SOME, discount=0.0, horizon=52.0) == pytest.approx(plain)
    tiny = CDNOW.discounted_purchases(SOME, discount=1e-9, horizon=52.0)
    assert tiny == pytest.approx(plain, rel=1e-6)


def test_an_endless_future_needs_a_discount() -> None:
    with pytest.raises(ValueError, match="discount must be positive"):
        CDNOW.discounted_purchases(SOME, discount=0.0)


@pytest.mark.parametrize(
    "at", [[0.3, 4.0, 0.7, 2.0], [2.0, 40.0, 0.1, 0.2], [0.05, 1.0, 6.0, 20.0]]
)
def test_gradient_and_hessian_are_those_of_the_likelihood(at: list[float]) -> None:
    data, theta = simulate(CDNOW, 500, 3), np.log(at)
    numeric = numeric_objective(lambda v: float(BGNBD(*np.exp(v)).log_likelihood(data).sum()))
    for ours, second in zip(_objective(data)(theta), numeric(theta), strict=True):
        assert ours == pytest.approx(second, rel=1e-3, abs=1e-4 * np.abs(second).max())


def test_parameters_are_recovered_within_their_standard_errors() -> None:
    truth = BGNBD(0.8, 6.0, 0.9, 2.5)
    fit = BGNBD.fit(simulate(truth, 20_000, 4))
    for name, error in fit.standard_errors.items():
        assert abs(getattr(fit.model, name) - getattr(truth, name)) < 3.5 * error


def test_draws_give_what_each_draw_gives_alone() -> None:
    draws = BGNBD(*np.array([[0.2, 4.0, 0.8, 2.4], [0.9, 9.0, 1.5, 2.0]]).T[:, :, None])
    both = draws.discounted_purchases(SOME, discount=0.01)
    alone = BGNBD(0.9, 9.0, 1.5, 2.0).discounted_purchases(SOME, discount=0.01)
    assert both.shape == (2, 5)
    assert both[1] == pytest.approx(alone, rel=1e-11)


@requires_data
@pytest.mark.parametrize("factor", [7.0, 168.0, 7 / 365.25])
def test_the_answer_does_not_depend_on_the_unit_of_time(factor: float) -> None:
    weeks = cdnow_sample_histories().purchases
    one, other = BGNBD.fit(weeks).model, BGNBD.fit(weeks.scaled(factor)).model
    assert other.alpha == pytest.approx(one.alpha * factor, rel=1e-6)
    expected = other.expected_purchases(weeks.scaled(factor), 39.0 * factor).sum()
    assert expected == pytest.approx(one.expected_purchases(weeks, 39.0).sum(), rel=1e-7)


@requires_data
def test_a_start_far_away_changes_nothing() -> None:
    data = cdnow_sample_histories().purchases
    far = BGNBD.fit(data, start=BGNBD(50.0, 0.01, 30.0, 0.01))
    assert far.log_likelihood == pytest.approx(BGNBD.fit(data).log_likelihood, abs=1e-6)


@requires_data
def test_patterns_with_weights_give_the_fit_of_their_customers() -> None:
    data = cdnow_sample_histories().purchases
    one, other = BGNBD.fit(data), BGNBD.fit(data.compress())
    assert other.n == one.n == 2357
    assert other.parameters == pytest.approx(one.parameters, rel=1e-9)
