"""What is particular to the shifted-beta-geometric: rising retention, exact lifetimes."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from kizuna.clv import Contracts, ShiftedBetaGeometric

HIGH_END = ShiftedBetaGeometric(0.668, 3.806)


def deaths(alpha: float, beta: float, discount: float) -> float:
    """Discounted expected lifetime in forty digits."""
    with mpmath.workdps(40):
        return float(mpmath.hyp2f1(1, beta, alpha + beta, 1 / (1 + mpmath.mpf(discount))))


@pytest.mark.parametrize("discount", [1e-8, 1e-4, 0.01, 0.1, 2.0])
@pytest.mark.parametrize("shapes", [(0.668, 3.806), (3.0, 5.0), (1e-3, 1e3), (50.0, 0.1)])
def test_lifetimes_agree_with_the_hypergeometric_function(
    shapes: tuple[float, float], discount: float
) -> None:
    lifetime = ShiftedBetaGeometric(*shapes).expected_lifetime(discount=discount)
    assert lifetime == pytest.approx(deaths(*shapes, discount), rel=1e-11)


def test_huge_shapes_are_one_constant_churn_rate() -> None:
    model, t = ShiftedBetaGeometric(1e11, 9e11), np.arange(1.0, 200.0)
    np.testing.assert_allclose(model.survival(t), 0.9**t, rtol=1e-8)
    assert model.expected_lifetime() == pytest.approx(10.0, rel=1e-8)
    assert model.expected_lifetime(discount=0.1) == pytest.approx(5.5, rel=1e-8)


def test_a_far_horizon_costs_no_digits() -> None:
    with mpmath.workdps(50):
        exact = mpmath.beta(0.668, mpmath.mpf("3.806") + 10**9) / mpmath.beta(0.668, "3.806")
    assert HIGH_END.survival(1e9) == pytest.approx(float(exact), rel=1e-12)


def test_retention_rises_with_age_though_nobody_grows_more_loyal() -> None:
    assert (np.diff(HIGH_END.retention_rate(np.arange(1, 30))) > 0).all()


def test_one_constant_retention_rate_undervalues_customers_by_a_quarter() -> None:
    """Fader and Hardie (2010): the perils of ignoring heterogeneity."""
    retention = float(HIGH_END.retention_rate(1))
    constant = sum((retention / 1.1) ** t for t in range(500))
    honest = float(HIGH_END.expected_lifetime(discount=0.1))
    assert constant == pytest.approx(4.412, abs=1e-3)
    assert constant / honest - 1 == pytest.approx(-0.255, abs=0.001)


def test_an_undiscounted_lifetime_may_be_infinite() -> None:
    assert HIGH_END.expected_lifetime() == np.inf
    assert ShiftedBetaGeometric(3.0, 5.0).expected_lifetime() == pytest.approx(3.5)
    assert ShiftedBetaGeometric(3.0, 5.0).residual_lifetime(0) == pytest.approx(2.5)


@pytest.mark.parametrize(
    "contracts",
    [
        Contracts([1], [1]),
        Contracts([5], [0]),
        Contracts([0, 0], [0, 0]),
        Contracts([1, 1, 1], [1, 1, 1]),
        Contracts([3], [1], [1e6]),
    ],
    ids=["one lost", "one kept", "none due", "all lost at once", "all lost in one period"],
)
def test_little_or_odd_data_still_give_sane_projections(contracts: Contracts) -> None:
    model = ShiftedBetaGeometric.fit(contracts).model
    survival = model.survival(np.arange(10.0))
    assert survival[0] == 1.0
    assert (np.diff(survival) <= 0).all()
    assert np.isfinite(model.expected_lifetime(discount=0.05))


def test_censored_contracts_count_as_survivors() -> None:
    running = Contracts([3, 3], [0, 1], [90, 10])
    ended = Contracts([3, 3], [1, 1], [90, 10])
    kept, lost = (ShiftedBetaGeometric.fit(c).model.survival(3) for c in (running, ended))
    assert kept > 0.8 > 0.2 > lost - 0.1


@pytest.mark.parametrize("terms", [{"discount": -0.1}, {"horizon": -1}, {"discount": np.nan}])
def test_terms_without_meaning_are_refused(terms: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(terms))):
        HIGH_END.residual_lifetime(1, **terms)
