"""What is particular to the beta-discrete-Weibull: the clock."""

from __future__ import annotations

import numpy as np
import pytest

from kizuna.clv import BetaDiscreteWeibull, Contracts, ShiftedBetaGeometric

HIGH_END = Contracts.from_survivors([1000, 869, 743, 653, 593, 551, 517, 491])
LATER = np.array([0.468, 0.445, 0.427, 0.409, 0.394])


def test_it_projects_the_high_end_customers_better_than_the_sbg() -> None:
    """Fader et al. (2018): retention that dips before it rises; fitted to years 0-7."""
    years = np.arange(8, 13)
    bdw, sbg = BetaDiscreteWeibull.fit(HIGH_END), ShiftedBetaGeometric.fit(HIGH_END)
    assert bdw.model.c > 1
    assert bdw.log_likelihood > sbg.log_likelihood + 5
    off = [np.abs(fit.model.survival(years) - LATER).max() for fit in (bdw, sbg)]
    assert off[0] < 0.012 < off[1]


def test_a_slow_clock_makes_each_customer_more_loyal_and_a_fast_one_less() -> None:
    t = np.arange(1.0, 8.0)
    slow, even, fast = (BetaDiscreteWeibull(1e4, 1e5, c).retention_rate(t) for c in (0.5, 1, 2))
    assert (np.diff(slow) > 0).all()
    np.testing.assert_allclose(even, even[0], rtol=1e-3)
    assert (np.diff(fast) < 0).all()


def test_the_clock_does_not_matter_for_the_first_renewal() -> None:
    first = [float(BetaDiscreteWeibull(0.7, 4.0, c).survival(1)) for c in (0.3, 1.0, 3.0)]
    np.testing.assert_allclose(first, 4.0 / 4.7, rtol=1e-12)


@pytest.mark.parametrize("c", [0.7, 1.5, 4.0])
def test_an_undiscounted_lifetime_is_the_sum_of_survival(c: float) -> None:
    model, t = BetaDiscreteWeibull(3.5, 4.0, c), np.arange(2_000_000.0)
    assert model.expected_lifetime() == pytest.approx(model.survival(t).sum(), rel=1e-6)


def test_an_undiscounted_lifetime_is_infinite_when_the_tail_is_too_long() -> None:
    lifetimes = BetaDiscreteWeibull(np.array([[0.5], [0.5]]), 4.0, np.array([[1.9], [2.1]]))
    assert lifetimes.expected_lifetime().ravel()[0] == np.inf
    assert lifetimes.expected_lifetime().ravel()[1] < np.inf


def test_just_this_side_of_infinity_the_lifetime_is_still_right() -> None:
    even = BetaDiscreteWeibull(1.001, 5.0, 1.0).expected_lifetime()
    assert even == pytest.approx((1.001 + 5.0 - 1.0) / 0.001, rel=1e-8)


@pytest.mark.parametrize(
    "model",
    [
        BetaDiscreteWeibull(0.01, 0.01, 20.0),
        BetaDiscreteWeibull(1e5, 1e5, 0.05),
        BetaDiscreteWeibull(5.0, 1e6, 13.0),
        BetaDiscreteWeibull(1e-5, 1e6, 3.0),
    ],
    ids=repr,
)
def test_extreme_parameters_give_sane_numbers(model: BetaDiscreteWeibull) -> None:
    t = np.arange(0.0, 300.0)
    survival = model.survival(t)
    assert ((survival >= 0) & (survival <= 1)).all()
    assert (np.diff(survival) <= 0).all()
    horizon = model.expected_lifetime(discount=0.1, horizon=300)
    assert model.expected_lifetime(discount=0.1) == pytest.approx(horizon, rel=1e-4)


@pytest.mark.parametrize("columns", [([1], [1]), ([5], [0]), ([0], [0]), ([3, 3], [1, 1])])
def test_next_to_nothing_can_be_fitted(columns: tuple[list[int], list[int]]) -> None:
    fit = BetaDiscreteWeibull.fit(Contracts(*columns))
    assert np.isfinite(fit.log_likelihood)
    assert (np.diff(fit.model.survival(np.arange(9.0))) <= 0).all()
