"""Terms that bind are learnt from who left all the same; terms that do not are not believed."""

from __future__ import annotations

import numpy as np
import pytest

from kizuna.experience.bound import FACT, Bound, Choice

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


def chosen(customers: int, gone: int, rows: int = 1) -> Choice | None:
    """Of as many customers so many left at the end, each told of on some days."""
    who = np.repeat(np.arange(customers), rows)
    return Choice.of(np.linspace(-1, 1, len(who)), (who < gone).astype(float), who)


@pytest.mark.parametrize(("customers", "gone"), [(14, 7), (40, 2), (40, 38), (0, 0)])
def test_of_too_few_ends_nothing_is_concluded(customers: int, gone: int) -> None:
    assert chosen(customers, gone) is None


def test_a_customer_counts_once_however_many_days_tell_of_her() -> None:
    once, often = chosen(40, 10), chosen(40, 10, rows=9)
    assert once is not None
    assert often is not None
    assert (often.customers, often.left) == (40, 10)
    assert often.errors == pytest.approx(once.errors, rel=0.1)


def test_the_more_ends_were_seen_the_surer_it_is() -> None:
    few, many = chosen(20, 5), chosen(2_000, 500)
    assert few is not None
    assert many is not None
    assert many.error(np.zeros(1))[0] < few.error(np.zeros(1))[0] / 3
