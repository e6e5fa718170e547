"""Reading many rows off few points loses nothing that matters."""

import numpy as np
import pytest

from kizuna.clv.interpolation import Blend, Lookup, smooth_in_log

RNG = np.random.default_rng(1)
GROUP, T = RNG.integers(0, 3, 2_000), RNG.uniform(0.0, 80.0, 2_000)


def test_interpolation_within_groups_equals_direct_evaluation() -> None:
    def function(at: np.ndarray, t: np.ndarray) -> np.ndarray:
        return (at + 1.0) * (0.01 + t) ** -0.3 * np.log1p(30.0 / (0.01 + t))

    quick = smooth_in_log(function, GROUP, T, 0.01)
    assert quick == pytest.approx(function(GROUP, T), rel=1e-10)


def test_interpolation_asks_for_few_values() -> None:
    asked = []

    def function(at: np.ndarray, t: np.ndarray) -> np.ndarray:
        asked.append(len(t))
        return t + at

    smooth_in_log(function, np.zeros(9_999, np.intp), np.linspace(1.0, 50.0, 9_999), 10.0)
    assert sum(asked) < 100


def test_draws_are_interpolated_side_by_side() -> None:
    def function(at: np.ndarray, t: np.ndarray) -> np.ndarray:
        return (np.array([[0.5], [2.0]]) + at) * np.sqrt(3.0 + t)

    assert smooth_in_log(function, GROUP, T, 3.0) == pytest.approx(function(GROUP, T), rel=1e-12)


def mesh() -> tuple[np.ndarray, np.ndarray, Blend]:
    point, node, (read,) = Blend.on_mesh(GROUP, np.log(0.5 + T), [slice(None)])
    return point, np.exp(node) - 0.5, read


def test_a_mesh_reads_smooth_functions_to_ten_digits() -> None:
    point, t, read = mesh()
    values = np.stack([(point + 1.0) * np.log(2.0 + t), (2.0 + t) ** -0.7])
    exact = np.stack([(GROUP + 1.0) * np.log(2.0 + T), (2.0 + T) ** -0.7])
    assert read.read(values) == pytest.approx(exact, rel=1e-10)


def test_a_mesh_does_not_read_a_kink_to_ten_digits() -> None:
    _, t, read = mesh()
    assert read.read(np.abs(t - 40.0)[None])[0] != pytest.approx(np.abs(T - 40.0), rel=1e-6)


@pytest.mark.parametrize("kind", ["mesh", "lookup"])
def test_adding_is_the_transpose_of_reading(kind: str) -> None:
    read = mesh()[2] if kind == "mesh" else Lookup(GROUP, 3)
    points = 3 if kind == "lookup" else len(mesh()[0])
    values, weight = RNG.random((1, points)), RNG.random(2_000)
    assert read.add(weight) @ values[0] == pytest.approx(weight @ read.read(values)[0])
    assert read.add(weight).sum() == pytest.approx(weight.sum())
