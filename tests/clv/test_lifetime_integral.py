"""The Pareto/NBD likelihood read off a mesh is the one computed row by row."""

import numpy as np
import pytest

from kizuna.clv import lifetime_integral
from kizuna.clv.data import Purchases
from kizuna.clv.lifetime_integral import objective
from kizuna.clv.models import ParetoNBD
from kizuna.clv.simulate import simulate_purchases

POINTS = [[0.55, 10.6, 0.6, 11.7], [0.55, 3.0, 0.6, 50.0], [2.0, 40.0, 0.2, 1.0]]


@pytest.fixture
def histories() -> Purchases:
    rng = np.random.default_rng(8)
    return simulate_purchases(ParetoNBD(0.55, 10.6, 0.6, 11.7), rng.uniform(20, 70, 1_500), rng)


@pytest.fixture
def always_a_mesh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifetime_integral, "MANY", 0)
    monkeypatch.setattr(lifetime_integral, "A_MESH", 0)


@pytest.mark.usefixtures("always_a_mesh")
def test_on_a_mesh_value_gradient_and_hessian_are_those_of_the_rows(
    histories: Purchases, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_mesh = objective(histories)
    meshed = [on_mesh(np.log(p)) for p in POINTS]
    monkeypatch.undo()
    exact = objective(histories)
    for ours, p in zip(meshed, POINTS, strict=True):
        for one, other in zip(ours, exact(np.log(p)), strict=True):
            assert one == pytest.approx(other, rel=1e-8, abs=1e-7)


@pytest.mark.usefixtures("always_a_mesh")
def test_a_fit_on_a_mesh_is_the_fit_on_the_rows(
    histories: Purchases, monkeypatch: pytest.MonkeyPatch
) -> None:
    meshed = ParetoNBD.fit(histories)
    monkeypatch.undo()
    assert meshed.parameters == pytest.approx(ParetoNBD.fit(histories).parameters, rel=1e-6)


def test_the_objective_sums_the_log_likelihood_of_the_rows(histories: Purchases) -> None:
    value = objective(histories)(np.log(POINTS[0]))[0]
    assert value == pytest.approx(ParetoNBD(*POINTS[0]).log_likelihood(histories).sum(), rel=1e-12)


@pytest.mark.parametrize("factor", [1e-9, 1e9])
def test_an_extreme_unit_of_time_changes_no_probability(
    histories: Purchases, factor: float
) -> None:
    r, alpha, s, beta = POINTS[1]
    scaled = ParetoNBD(r, alpha * factor, s, beta * factor).p_alive(histories.scaled(factor))
    assert scaled == pytest.approx(ParetoNBD(r, alpha, s, beta).p_alive(histories), rel=1e-9)
