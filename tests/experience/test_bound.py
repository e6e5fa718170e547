"""Terms that bind are learnt from who left all the same; terms that do not are not believed."""

from __future__ import annotations

import numpy as np
import pytest

from kizuna.experience.bound import FACT, Bound

NAMES, HORIZON = ("use", FACT), 90.0


def learnt(
    held: int, gone: int, *, rate: float = 0.2, names: tuple[str, ...] = NAMES
) -> Bound | None:
    """Of as many who were held so many left; of 500 others a share."""
    days = np.concatenate([np.full(held, 200.0), np.zeros(500)])
    left = np.concatenate([np.arange(held) < gone, np.arange(500) < rate * 500])
    facts = np.column_stack([np.ones(len(days)), days])
    return Bound.of(names, facts, left, np.arange(len(days)), HORIZON)


def test_who_is_held_hardly_leaves() -> None:
    found = learnt(200, 0)
    assert found is not None
    assert found.low == 0.0
    assert found.share < 0.01
    assert 0.005 < found.high < 0.03
    facts = np.array([[1.0, 90.0], [1.0, 89.0], [1.0, np.nan]])
    assert found.holds(facts).tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("held", "gone"), [(200, 30), (10, 0), (0, 0)], ids=["they leave", "too few", "nobody"]
)
def test_terms_that_are_not_seen_to_bind_are_not_believed(held: int, gone: int) -> None:
    assert learnt(held, gone) is None


def test_without_the_fact_nothing_is_asked() -> None:
    assert learnt(200, 0, names=("use", "other")) is None
