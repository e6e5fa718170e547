"""Chance can be repeated, is even, unrelated between experiments, and stays when shares change."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime

import numpy as np
import pytest
from scipy.stats import kstest

from kizuna.experiments.assignment import (
    CONTROL,
    Assigned,
    Design,
    GlobalControl,
    merged,
    position,
    positions,
    unit_of,
)

UNITS = [f"customer/{n}" for n in range(20_000)]
DESIGN = Design("winback", "salt", 0.1)


def held_out(design: Design) -> set[str]:
    return {unit for unit in UNITS if design.place(unit).arm == CONTROL}


def test_a_place_is_the_first_8_bytes_of_the_hash() -> None:
    digest = hashlib.sha256(b"salt:winback:customer/7").digest()
    assert position("salt", "winback", "customer/7") == pytest.approx(
        int.from_bytes(digest[:8], "big") / 2**64, abs=1e-15
    )


def test_places_are_even_and_unrelated_between_experiments() -> None:
    places = np.array([positions("salt", f"e{k}", UNITS) for k in range(6)])
    assert min(kstest(row, "uniform").pvalue for row in places) > 0.01
    assert np.abs(np.corrcoef(places) - np.eye(6)).max() < 0.03
    assert (places >= 0).all()
    assert (places < 1).all()


def test_a_tenth_is_held_out_with_the_propensity_that_is_stored() -> None:
    assert len(held_out(DESIGN)) / len(UNITS) == pytest.approx(0.1, abs=0.007)
    assert {DESIGN.place(unit).propensity for unit in UNITS[:100]} == {0.1, 0.9}


def test_raising_the_share_keeps_who_is_held_out_and_moves_no_arm() -> None:
    arms = (("mail", 0.5), ("call", 0.5))
    small, large = Design("e", "s", 0.1, 1, arms), Design("e", "s", 0.3, 2, arms)
    assert held_out(small) < held_out(large)
    stay = [unit for unit in UNITS if large.place(unit).arm != CONTROL]
    assert all(small.place(unit).arm == large.place(unit).arm for unit in stay)


def test_another_salt_holds_out_others() -> None:
    other = held_out(Design("winback", "pepper", 0.1))
    assert len(held_out(DESIGN) & other) / len(other) == pytest.approx(0.1, abs=0.03)


def test_arms_get_their_shares_and_a_stratum_its_own() -> None:
    design = Design("e", "s", 0.2, 1, (("a", 0.75), ("b", 0.25)), (("gold", 0.5),))
    arms = [design.place(unit).arm for unit in UNITS]
    assert arms.count("b") / len(UNITS) == pytest.approx(0.2, abs=0.01)
    gold = [design.place(unit, "gold") for unit in UNITS]
    assert sum(p.arm == CONTROL for p in gold) / len(UNITS) == pytest.approx(0.5, abs=0.012)
    assert {p.propensity for p in gold} == {0.5, 0.375, 0.125}


@pytest.mark.parametrize(
    "wrong",
    [
        {"holdout": 1.2},
        {"holdout": 0.1, "arms": (("a", 0.4),)},
        {"holdout": 0.1, "arms": ()},
        {"holdout": 0.1, "arms": ((CONTROL, 1.0),)},
        {"holdout": 0.1, "strata": (("gold", -0.1),)},
    ],
)
def test_shares_that_cannot_be_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"share|arms"):
        Design("e", "s", **wrong)  # type: ignore[arg-type]


def test_colleagues_share_the_place_of_their_account() -> None:
    assert unit_of("7", "acme") == unit_of("8", "acme") != unit_of("7", None)


def test_the_global_control_rotates() -> None:
    control = GlobalControl("salt", 0.05, months=6)
    spring, summer, autumn = date(2026, 3, 31), date(2026, 6, 30), date(2026, 7, 1)
    first = {unit for unit in UNITS if control.holds(unit, spring)}
    assert first == {unit for unit in UNITS if control.holds(unit, summer)}
    second = {unit for unit in UNITS if control.holds(unit, autumn)}
    assert len(first) / len(UNITS) == pytest.approx(0.05, abs=0.006)
    assert len(first & second) / len(first) < 0.1


def assigned(unit: str, arm: str, day: int, experiment: str = "e") -> Assigned:
    return Assigned(unit, experiment, 1, arm, 0.5, datetime(2026, 1, day, tzinfo=UTC))


def test_after_a_merge_the_earliest_stands_and_disagreement_is_marked() -> None:
    early, late = assigned("b", CONTROL, 1), assigned("a", "treated", 2)
    assert merged([late, early]).assigned is early
    assert merged([late, early]).contaminated
    assert not merged([early, assigned("c", CONTROL, 3)]).contaminated
    with pytest.raises(ValueError, match="one experiment"):
        merged([early, assigned("b", CONTROL, 1, "other")])
