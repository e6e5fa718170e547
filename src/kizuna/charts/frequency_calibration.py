"""Are rare and frequent buyers predicted alike: by purchases in the calibration period."""

from __future__ import annotations

from pyarrow import Table

from kizuna.charts.bars import predicted_and_actual
from kizuna.charts.style import Figure, safe
from kizuna.charts.words import PLAIN_ENGLISH, Words


def frequency_calibration(table: Table, *, words: Words = PLAIN_ENGLISH) -> Figure:
    """Purchases per customer in the holdout, by repeat purchases before it.

    Parameters
    ----------
    table : `frequency` (label), `customers`, `predicted`, `actual` (means), in reading order.
    """
    rows = table.to_pylist()
    return predicted_and_actual(
        [safe(row["frequency"]) for row in rows],
        [row["predicted"] for row in rows],
        [row["actual"] for row in rows],
        title=words("Repeat purchases before the holdout"),
        short_title=words("Repeat purchases before"),
        words=words,
    )
