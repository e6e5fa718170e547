"""Personas: planted kinds are found again, chance is not taken for kinds, gaps do no harm."""

from __future__ import annotations

import numpy as np
import pytest

from kizuna.clv.data import FloatArray
from kizuna.experience.personas import Choice, Personas, Traits, adjusted_rand, choose
from kizuna.experience.personas import stability as stability_of

CENTRES = np.array([[0.0, 0.0], [3.0, 1.0], [0.0, -3.0]])
CHANCES = np.array([0.1, 0.2, 0.9])
MEASURES_AND_SHARE = np.array([False, False, True])


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def planted(n: int, missing: float) -> tuple[Traits, np.ndarray]:
    """Draw three kinds, by two measures and a share, of one to twenty occasions each."""
    draw = rng(5)
    kind = draw.choice(3, n, p=[0.5, 0.3, 0.2])
    counts = draw.integers(1, 21, n).astype(float)
    values = CENTRES[kind] + draw.normal(size=(n, 2)) / np.sqrt(counts)[:, None]
    share = draw.binomial(counts.astype(int), CHANCES[kind]) / counts
    rows = np.column_stack([values, share])
    rows[draw.uniform(size=rows.shape) < missing] = np.nan
    return traits(rows, counts, MEASURES_AND_SHARE), kind


def traits(rows: FloatArray, counts: FloatArray | float, is_share: np.ndarray) -> Traits:
    many = np.broadcast_to(np.reshape(counts, (-1, 1)), rows.shape)
    return Traits(rows, np.array(many, float), is_share)


def measures(rows: FloatArray) -> Traits:
    return traits(rows, 1.0, np.zeros(rows.shape[1], bool))


@pytest.fixture(scope="module")
def found() -> tuple[Choice, Traits, np.ndarray]:
    rows, kind = planted(900, 0.1)
    return choose(rows, rng()), rows, kind


def test_planted_kinds_are_found_again(found: tuple[Choice, Traits, np.ndarray]) -> None:
    choice, rows, kind = found
    assert choice.personas.k == 3
    assert choice.is_stable
    assert adjusted_rand(choice.personas.kinds(rows), kind) > 0.85
    assert choice.personas.shares == pytest.approx([0.5, 0.3, 0.2], abs=0.04)
    assert choice.personas.levels[:, 2] == pytest.approx(CHANCES, abs=0.04)


def test_agreement_with_shuffled_kinds_is_none(found: tuple[Choice, Traits, np.ndarray]) -> None:
    """What the figure of recovery says where nothing is recovered."""
    choice, rows, kind = found
    assert abs(adjusted_rand(choice.personas.kinds(rows), rng().permutation(kind))) < 0.02


def test_what_is_known_of_many_occasions_tells_more_than_of_one() -> None:
    rows, _ = planted(900, 0.0)
    fitted = Personas.fit(rows, 3, rng())
    seen = np.array([[np.nan, np.nan, 1.0]])
    sure = [fitted.probabilities(traits(seen, n, MEASURES_AND_SHARE))[0, 2] for n in (1, 2, 10)]
    assert sure[0] < sure[1] < sure[2]
    most = [fitted.log_densities(traits(seen, n, MEASURES_AND_SHARE))[0] for n in (1e6, 1e9)]
    assert most[0] == pytest.approx(most[1], abs=0.001)


def test_probabilities_sum_to_one_also_where_nothing_is_known(
    found: tuple[Choice, Traits, np.ndarray],
) -> None:
    personas = found[0].personas
    rows = np.array([[np.nan] * 3, [3.0, np.nan, 0.0]])
    chances = personas.probabilities(traits(rows, 4.0, MEASURES_AND_SHARE))
    assert chances.sum(axis=1) == pytest.approx(1.0)
    assert chances[0] == pytest.approx(personas.shares)


def test_parameters_survive_json(found: tuple[Choice, Traits, np.ndarray]) -> None:
    personas, rows = found[0].personas, found[1]
    again = Personas.from_json(personas.to_json())
    assert np.array_equal(again.probabilities(rows), personas.probabilities(rows))


def test_customers_of_one_kind_stay_one_though_they_differ_by_degrees() -> None:
    draw = rng(2)
    counts = draw.integers(1, 30, 400).astype(float)
    share = draw.binomial(counts.astype(int), draw.beta(2, 2, 400)) / counts
    rows = np.column_stack([draw.normal(size=(400, 2)), share])
    choice = choose(traits(rows, counts, MEASURES_AND_SHARE), rng())
    assert choice.personas.k == 1
    assert not choice.is_stable


def test_kinds_forced_upon_chance_are_not_stable() -> None:
    rows = measures(rng(2).normal(size=(300, 4)))
    fitted = Personas.fit(rows, 4, rng())
    assert stability_of(rows, fitted, rng(3)) < 0.75


def test_equal_rows_and_a_trait_without_spread_do_no_harm() -> None:
    rows = measures(np.column_stack([np.ones(50), np.repeat([0.0, 1.0], 25)]))
    fitted = Personas.fit(rows, 2, rng())
    assert np.isfinite(fitted.probabilities(rows)).all()
    nothing = Personas.fit(traits(np.zeros((50, 1)), 3.0, np.array([True])), 2, rng())
    assert np.isfinite(nothing.levels).all()


def test_agreement_does_not_depend_on_names() -> None:
    one = np.array([0, 0, 1, 1, 2, 2])
    assert adjusted_rand(one, (one + 1) % 3) == 1.0
    assert adjusted_rand(one, np.zeros(6, dtype=np.int64)) == pytest.approx(0.0)
