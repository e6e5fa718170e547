"""Personas: planted kinds are found again, chance is not taken for kinds, gaps do no harm."""

from __future__ import annotations

import numpy as np
import pytest

from kizuna.clv.data import FloatArray
from kizuna.experience.personas import Choice, Personas, adjusted_rand, choose, stability

CENTRES = np.array([[0.0, 0.0, 0.0], [4.0, 0.0, 1.0], [0.0, 5.0, -2.0]])


def planted(n: int, missing: float) -> tuple[FloatArray, np.ndarray]:
    rng = np.random.default_rng(5)
    kind = rng.choice(3, n, p=[0.5, 0.3, 0.2])
    rows = CENTRES[kind] + rng.normal(size=(n, 3))
    rows[rng.uniform(size=rows.shape) < missing] = np.nan
    return rows, kind


@pytest.fixture(scope="module")
def found() -> tuple[Choice, FloatArray, np.ndarray]:
    rows, kind = planted(900, 0.1)
    return choose(rows, np.random.default_rng(1)), rows, kind


def test_planted_kinds_are_found_again(found: tuple[Choice, FloatArray, np.ndarray]) -> None:
    choice, rows, kind = found
    assert choice.personas.k == 3
    assert choice.is_stable
    assert adjusted_rand(choice.personas.probabilities(rows).argmax(axis=1), kind) > 0.85
    assert choice.personas.shares == pytest.approx([0.5, 0.3, 0.2], abs=0.04)


def test_probabilities_sum_to_one_also_where_nothing_is_known(
    found: tuple[Choice, FloatArray, np.ndarray],
) -> None:
    personas = found[0].personas
    rows = np.array([[np.nan] * 3, [4.0, np.nan, 1.0]])
    chances = personas.probabilities(rows)
    assert chances.sum(axis=1) == pytest.approx(1.0)
    assert chances[0] == pytest.approx(personas.shares)


def test_parameters_survive_json(found: tuple[Choice, FloatArray, np.ndarray]) -> None:
    personas, rows = found[0].personas, found[1]
    again = Personas.from_json(personas.to_json())
    assert np.array_equal(again.probabilities(rows), personas.probabilities(rows))


def test_customers_of_one_kind_stay_one() -> None:
    rows = np.random.default_rng(2).normal(size=(400, 3))
    choice = choose(rows, np.random.default_rng(1))
    assert choice.personas.k == 1
    assert not choice.is_stable


def test_kinds_forced_upon_chance_are_not_stable() -> None:
    rows = np.random.default_rng(2).normal(size=(300, 4))
    fitted = Personas.fit(rows, 4, np.random.default_rng(1))
    assert stability(rows, fitted, np.random.default_rng(3)) < 0.75


def test_equal_rows_and_a_trait_without_spread_do_no_harm() -> None:
    rows = np.column_stack([np.ones(50), np.repeat([0.0, 1.0], 25)])
    fitted = Personas.fit(rows, 2, np.random.default_rng(1))
    assert np.isfinite(fitted.probabilities(rows)).all()


def test_agreement_does_not_depend_on_names() -> None:
    one = np.array([0, 0, 1, 1, 2, 2])
    assert adjusted_rand(one, (one + 1) % 3) == 1.0
    assert adjusted_rand(one, np.zeros(6, dtype=np.int64)) == pytest.approx(0.0)
