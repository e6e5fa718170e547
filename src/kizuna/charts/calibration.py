"""Does a high prediction mean many purchases: predicted and actual by tenth of customers."""

from __future__ import annotations

from pyarrow import Table

from kizuna.charts.bars import predicted_and_actual
from kizuna.charts.style import Figure
from kizuna.charts.words import PLAIN_ENGLISH, Words


def calibration(table: Table, *, words: Words = PLAIN_ENGLISH) -> Figure:
    """Purchases per customer in the holdout, by decile of the prediction, lowest first.

    Parameters
    ----------
    table : `decile` (1 = lowest predicted), `predicted_purchases`, `actual_purchases` (means).
    """
    rows = sorted(table.to_pylist(), key=lambda row: row["decile"])
    return predicted_and_actual(
        [str(row["decile"]) for row in rows],
        [row["predicted_purchases"] for row in rows],
        [row["actual_purchases"] for row in rows],
        title=words("Tenth of customers, by predicted purchases (10 = highest)"),
        short_title=words("Tenth, by prediction"),
        words=words,
    )
