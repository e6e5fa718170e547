"""Columns are checked once; grouping equal rows keeps every customer."""

import numpy as np
import pytest

from kizuna.clv.data import Contracts, Purchases, Spend, distinct


def daily(customers: int, seed: int = 1) -> Purchases:
    """Histories on a grid of days, measured in weeks."""
    rng = np.random.default_rng(seed)
    T = rng.integers(30, 60, customers)
    x = rng.integers(0, 4, customers)
    t_x = np.where(x > 0, rng.integers(0, 30, customers), 0)
    return Purchases(x, t_x / 7, T / 7)


def continuous(customers: int) -> Purchases:
    rng = np.random.default_rng(2)
    T = rng.uniform(10.0, 60.0, customers)
    return Purchases(np.ones(customers), T * rng.random(customers), T)


def rows_of(data: Purchases) -> dict[tuple[float, ...], float]:
    table: dict[tuple[float, ...], float] = {}
    for *row, weight in zip(*data.columns, data.weights, strict=True):
        key = tuple(np.round(row, 9))
        table[key] = table.get(key, 0.0) + weight
    return table


@pytest.mark.parametrize("customers", [1, 7, 30_000])
def test_compressing_keeps_every_customer_in_the_same_pattern(customers: int) -> None:
    data = daily(customers)
    short = data.compress()
    assert rows_of(short) == rows_of(data)
    assert len(short) == len(rows_of(data))


def test_compressing_continuous_histories_keeps_them_all() -> None:
    data = continuous(300)
    assert rows_of(data.compress()) == rows_of(data)


def test_compressing_weighted_rows_adds_their_weights() -> None:
    data = Purchases([1, 0, 1], [2, 0, 2], [5, 5, 5], [2.5, 1.0, 4.0])
    assert rows_of(data.compress()) == {(1, 2, 5): 6.5, (0, 0, 5): 1.0}


def test_compressing_keeps_the_very_floats() -> None:
    data = daily(500)
    assert set(data.compress().T) <= set(data.T)


@pytest.mark.parametrize("data", [daily(5_000), continuous(200)])
def test_the_index_leads_from_each_row_to_its_pattern(data: Purchases) -> None:
    short, index = data.compress_with_index()
    for column, pattern in zip(data.columns, short.columns, strict=True):
        assert pattern[index] == pytest.approx(column, rel=1e-12)


def test_values_nearer_than_a_grid_step_are_not_merged() -> None:
    data = Purchases(np.ones(3), [1.0, 1.0, 1.0 + 1e-6], [9.0, 9.0, 9.0])
    assert len(data.compress()) == 2


def test_a_scale_of_seconds_does_not_merge_days() -> None:
    data = daily(2_000)
    assert len(data.scaled(604_800.0).compress()) == len(data.compress())


def test_huge_counts_are_grouped_without_a_huge_table() -> None:
    data = Purchases([1e12, 1e12, 3.0], [1.0, 1.0, 0.5], [2.0, 2.0, 2.0])
    assert rows_of(data.compress()) == {(1e12, 1, 2): 2.0, (3, 0.5, 2): 1.0}


def test_grouping_for_a_fit_leaves_large_continuous_or_weighted_data_alone() -> None:
    large = continuous(30_000)
    assert large.group() is large
    weighted = daily(100).compress()
    assert weighted.group() is weighted
    assert len(daily(30_000).group()) < 5_000


def test_distinct_numbers_rows_by_pattern() -> None:
    a, b = np.array([3.0, 1.0, 3.0, 1.0]), np.array([0.5, 0.5, 0.5, 0.7])
    row, index = distinct(a, b)
    assert len(row) == 3
    assert (a[row][index] == a).all()
    assert (b[row][index] == b).all()


def test_distinct_works_by_sorting_too() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.integers(0, 10**6, 50), rng.random(50)
    row, index = distinct(a.astype(float), b)
    assert (a[row][index] == a).all()
    assert sorted(row) == list(range(50))


def test_no_rows_stay_no_rows() -> None:
    nothing = Purchases([], [], [])
    assert len(nothing.compress()) == 0
    assert nothing.compress_with_index()[1].shape == (0,)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (([1.5], [1], [2]), "Purchases.x, row 0: 1.5 must be a whole number"),
        (([1, 1], [1, 3], [2, 2]), "Purchases.t_x, row 1: 3 must not be later than T"),
        (([0], [1], [2]), "Purchases.t_x, row 0: 1 must be 0 where x is 0"),
        (([1], [np.nan], [2]), "Purchases.t_x, row 0: nan must be a finite number"),
        (([-1], [0], [2]), "Purchases.x, row 0: -1 must be a finite number ≥ 0"),
        (([1, 2], [1], [2]), "columns must be flat and equally long"),
    ],
)
def test_bad_columns_are_named_with_the_first_bad_row(columns: tuple, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Purchases(*columns)


def test_columns_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        daily(3).x[0] = 5.0


def test_scaling_changes_times_alone() -> None:
    weeks = daily(10)
    days = weeks.scaled(7.0)
    assert (days.x == weeks.x).all()
    assert np.allclose(days.T, weeks.T * 7, rtol=1e-15)


def test_spend_of_a_negative_amount_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Spend\.mean"):
        Spend([1], [-5.0])


def test_contracts_follow_from_a_survival_table() -> None:
    contracts = Contracts.from_survivors([100, 70, 70, 40])
    assert list(contracts.duration) == [1, 3, 3]
    assert list(contracts.churned) == [1, 1, 0]
    assert list(contracts.weights) == [30, 30, 40]
