"""A confidence sequence may be looked at every week; an interval of one look may not."""

from __future__ import annotations

import os
from itertools import pairwise

import numpy as np
import pytest

from kizuna.experiments.effect import Effect, effect
from kizuna.experiments.moments import Moments
from kizuna.experiments.sequential import Sequence, mixture_ratio
from repeated_experiments import Shop

SOAK = os.environ.get("KIZUNA_HYPOTHESIS") == "soak"
TIMES = 2_000 if SOAK else 250
CUSTOMERS, LOOKS = 8_000, 24
MOST = 0.05 + 2.0 * (0.05 * 0.95 / TIMES) ** 0.5
SEQUENCE = Sequence(planned=5_000)


@pytest.mark.parametrize(
    ("units", "half"), [(1_000, 0.104852), (5_000, 0.042928), (20_000, 0.022194)]
)
def test_half_widths_are_as_published(units: int, half: float) -> None:
    assert SEQUENCE.rho_squared == pytest.approx(0.00175636, abs=5e-9)
    assert SEQUENCE.half_width(units, units**-0.5) == pytest.approx(half, abs=5.1e-7)


def test_likelihood_ratio_of_the_mixture_is_as_published() -> None:
    assert mixture_ratio(3.0, 1.0, 1.0) == pytest.approx(6.7088, abs=5e-5)


def test_both_forms_are_one_boundary() -> None:
    units, error = 3_000, 0.02
    sigma = units**0.5 * error
    at_bound = mixture_ratio(
        SEQUENCE.half_width(units, error), error**2, sigma**2 * SEQUENCE.rho_squared
    )
    # |Δ| at the bound has likelihood ratio 1/α
    assert at_bound == pytest.approx(1.0 / SEQUENCE.alpha, rel=1e-9)


def test_it_is_narrowest_about_where_it_was_planned() -> None:
    n = np.array([500, 2_500, 5_000, 10_000, 100_000])
    over_one_look = [SEQUENCE.half_width(k, k**-0.5) * k**0.5 / 1.96 for k in n]
    assert int(np.argmin(over_one_look)) == 2
    assert over_one_look[2] == pytest.approx(1.55, abs=0.03)


def test_the_first_look_comes_at_200_controls() -> None:
    early = Effect(2_000, 199, 1.0, 0.0, 0.1, 0.1)
    assert SEQUENCE.interval(early) is None
    assert SEQUENCE.interval(Effect(2_000, 200, 1.0, 0.0, 0.1, 0.1))


def test_what_is_planned_must_be_a_number_of_units() -> None:
    with pytest.raises(ValueError, match="planned"):
        Sequence(planned=0)


def looks(rng: np.random.Generator, shop: Shop, holdout: float) -> list[Effect]:
    """Customers come in one after another, and nothing is done; each look sees who is in."""
    rows = rng.choice(len(shop.spend), CUSTOMERS, replace=False)
    held = rng.random(CUSTOMERS) < holdout
    columns = shop.spend[rows], shop.predicted[rows], shop.past[rows]
    edges = np.linspace(0, CUSTOMERS, LOOKS + 1).astype(int)
    seen: list[Moments | None] = [None, None]
    found = []
    for start, end in pairwise(edges):
        for arm, mine in enumerate((~held, held)):
            new = Moments.of(*(c[start:end][mine[start:end]] for c in columns))
            old = seen[arm]
            seen[arm] = new if old is None else old + new
        treated, control = seen
        assert treated
        assert control
        found.append(effect(treated, control))
    return found


@pytest.fixture(scope="module", params=[0.1, 0.5])
def journeys(request: pytest.FixtureRequest) -> list[list[Effect]]:
    """Looks at experiments in which nothing was done."""
    rng = np.random.default_rng(5)
    return [looks(rng, Shop.drawn("active"), request.param) for _ in range(TIMES)]


def test_looking_all_the_time_fools_a_sequence_in_at_most_5_of_100_cases(
    journeys: list[list[Effect]],
) -> None:
    fooled = [any((i := SEQUENCE.interval(e)) and i.sign for e in each) for each in journeys]
    assert np.mean(fooled) <= MOST


def test_the_gate_fails_on_an_interval_of_one_look(journeys: list[list[Effect]]) -> None:
    fooled = [any(e.interval(0.95).sign for e in each) for each in journeys]
    assert np.mean(fooled) > 0.2


def test_the_gate_fails_on_weeks_of_customers_as_rows() -> None:
    rng, fooled = np.random.default_rng(6), 0
    for _ in range(TIMES):
        rate = rng.gamma(0.25, 4.0, 1_000)
        weeks = rng.poisson(np.repeat(rate[:, None], 13, axis=1)).astype(float)
        held = rng.random(1_000) < 0.5
        arms = [Moments.of(weeks[mine].ravel()) for mine in (~held, held)]
        fooled += SEQUENCE.interval(effect(*arms)).sign != 0  # type: ignore[union-attr]
    assert fooled / TIMES > 0.05 + 3 * (0.05 * 0.95 / TIMES) ** 0.5
