"""The hazard finds what was planted, says how sure it is, and stays sober on noise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit

from kizuna.experience.calibration import calibration
from kizuna.experience.hazard import Hazard, folds, interval
from kizuna.experience.terms import Term

NAMES = ("use", "tickets", "noise")


def planted(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Facts, true log-odds and who left; use matters in a curve, missing tickets matter."""
    rng = np.random.default_rng(seed)
    use, tickets = rng.exponential(10, rows), rng.poisson(2.0, rows).astype(float)
    missing = rng.random(rows) < 0.2
    odds = -1.5 - 1.2 * np.arctan((use - 8) / 6) + np.where(missing, 1.0, 0.3 * tickets)
    tickets[missing] = np.nan
    facts = np.column_stack([use, tickets, rng.normal(size=rows)])
    return facts, odds, rng.random(rows) < expit(odds)


FACTS, ODDS, LEFT = planted(6_000, 1)
FIT = Hazard.fit(NAMES, FACTS, LEFT)


def test_what_was_planted_is_found_on_customers_not_seen() -> None:
    facts, odds, left = planted(6_000, 2)
    found = calibration(FIT.probability(facts), left)
    best = calibration(expit(odds), left)
    assert found.auc > best.auc - 0.01
    assert 0.9 < found.slope < 1.1
    assert found.ece < 0.03


def test_intervals_cover_the_planted_probability() -> None:
    facts, odds, _left = planted(3_000, 3)
    low, high = interval(FIT.log_odds(facts), FIT.error(facts))
    assert 0.75 < ((low <= expit(odds)) & (expit(odds) <= high)).mean() < 1.0


def test_effects_add_up_and_are_nothing_for_the_average() -> None:
    effects = FIT.effects(FACTS)
    assert FIT.intercept + effects.sum(axis=1) == pytest.approx(FIT.log_odds(FACTS))
    assert effects.mean(axis=0) == pytest.approx(np.zeros(3), abs=0.02)


def test_not_known_is_not_zero() -> None:
    unknown = FIT.effects(np.array([[8.0, np.nan, 0.0], [8.0, 0.0, 0.0]]))[:, 1]
    assert unknown[0] > unknown[1] + 0.5


def test_noise_is_given_next_to_nothing() -> None:
    rng = np.random.default_rng(5)
    fit = Hazard.fit(NAMES, rng.normal(size=(800, 3)), rng.random(800) < 0.2)
    assert np.abs(fit.effects(rng.normal(size=(100, 3)))).max() < 0.5


def test_units_do_not_matter() -> None:
    facts = FACTS * [1000.0, 0.01, 60.0]
    other = Hazard.fit(NAMES, facts, LEFT, penalty=FIT.penalty)
    assert other.probability(facts) == pytest.approx(FIT.probability(FACTS), abs=1e-6)


def test_days_of_one_customer_do_not_make_it_surer() -> None:
    twice = np.repeat(np.arange(len(LEFT)), 5)
    many = Hazard.fit(NAMES, FACTS[twice], LEFT[twice], twice, penalty=5.0)
    once = Hazard.fit(NAMES, FACTS, LEFT, penalty=1.0)
    assert many.error(FACTS).mean() == pytest.approx(once.error(FACTS).mean(), rel=0.02)
    naive = Hazard.fit(NAMES, FACTS[twice], LEFT[twice], penalty=5.0)
    assert naive.error(FACTS).mean() < 0.6 * many.error(FACTS).mean()


def test_json_gives_the_same_model() -> None:
    again = Hazard.from_json(FIT.to_json())
    assert again.probability(FACTS).tolist() == FIT.probability(FACTS).tolist()
    assert again.error(FACTS).tolist() == FIT.error(FACTS).tolist()
    assert again.names == NAMES


def test_no_customer_is_in_two_folds() -> None:
    groups = np.repeat(np.arange(50), 3)
    fold = folds(groups)
    assert all(len(set(fold[groups == g])) == 1 for g in range(50))
    assert set(fold) == set(range(5))


@given(
    arrays(float, (12, 2), elements=st.floats(-1e12, 1e12) | st.just(np.nan)),
    st.lists(st.booleans(), min_size=12, max_size=12),
)
@settings(max_examples=60, deadline=None)
def test_any_facts_give_a_probability(facts: np.ndarray, left: list[bool]) -> None:
    fit = Hazard.fit(("a", "b"), facts, np.array(left))
    p = fit.probability(facts)
    assert np.isfinite(p).all()
    assert ((p >= 0) & (p <= 1)).all()
    assert np.isfinite(fit.error(facts)).all()


def test_beyond_what_was_seen_a_fact_counts_as_the_last_seen() -> None:
    term = Term.of("use", FACTS[:, 0])
    top = FACTS[:, 0].max()
    assert (term.columns(np.array([top])) == term.columns(np.array([top * 50]))).all()


def test_rows_of_no_fact_at_all_are_the_rate() -> None:
    fit = Hazard.fit(("a",), np.full((100, 1), np.nan), np.arange(100) < 20)
    assert fit.probability(np.full((3, 1), np.nan)) == pytest.approx([0.2] * 3, abs=0.01)
