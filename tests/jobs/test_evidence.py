"""The back-test must not see what it is to forecast, and says what it rests on."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from command import Ran, run, shop_log
from kizuna.jobs.evidence import holdout_start
from kizuna.jobs.options import ValueOptions
from kizuna.pipeline.errors import InputError

START = "2024-08-01"


def tampered(log: Path, target: Path, change) -> Path:
    """Write a copy of a log in which the rows of the holdout are changed."""
    header, *rows = log.read_text().splitlines()
    kept = [row for row in rows if row.split(",")[1] < START]
    later = [change(row) for row in rows if row.split(",")[1] >= START]
    target.write_text("\n".join([header, *kept, *later]) + "\n")
    return target


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("logs")
    straight = shop_log(folder / "straight.csv", customers=250)

    def dearer(row: str) -> str:
        customer, day, amount = row.split(",")
        return f"{customer},{day},{float(amount) * 5:.2f}"

    return straight, tampered(straight, folder / "dearer.csv", dearer)


def back_tested(log: Path, out: Path) -> Ran:
    ran = run(log, "--holdout", START, "--model", "mbg_nbd", out=out)
    assert ran.code == 0, ran.stderr
    return ran


def test_what_happens_in_the_holdout_changes_no_forecast_of_it(logs, tmp_path):
    straight, dearer = (back_tested(log, tmp_path / log.stem).summary["holdout"] for log in logs)
    assert dearer["actual_spend"] > 4 * straight["actual_spend"]
    assert dearer["model"] == straight["model"]
    for name in ("predicted_purchases", "predicted_spend", "predicted_low", "predicted_high"):
        assert dearer[name] == pytest.approx(straight[name], rel=1e-9)


def test_a_change_before_the_holdout_does_change_the_forecast(logs, tmp_path):
    """Twin of the test above: it is able to fail."""
    rows = logs[0].read_text().splitlines()
    fewer = tmp_path / "fewer.csv"
    fewer.write_text("\n".join(rows[:1] + rows[1::2]) + "\n")
    forecasts = [
        back_tested(log, tmp_path / log.stem).summary["holdout"]["predicted_purchases"]
        for log in (logs[0], fewer)
    ]
    assert forecasts[1] < 0.8 * forecasts[0]


def test_the_automatic_holdout_is_half_of_the_log_and_at_most_the_horizon():
    first, last = date(2020, 1, 1), date(2020, 12, 31)
    options = ValueOptions(orders=("x",))
    assert holdout_start(options, first, last)[0] == date(2020, 7, 2)
    short = ValueOptions(orders=("x",), horizon_days=90)
    assert holdout_start(short, first, last)[0] == date(2020, 10, 3)


def test_a_short_log_keeps_nothing_back_and_says_so():
    start, notes = holdout_start(ValueOptions(orders=("x",)), date(2024, 1, 1), date(2024, 2, 10))
    assert start is None
    assert "too short" in notes[0].message


def test_a_holdout_outside_the_log_is_refused():
    options = ValueOptions(orders=("x",), holdout=date(2019, 1, 1))
    with pytest.raises(InputError, match="outside the log"):
        holdout_start(options, date(2024, 1, 1), date(2024, 12, 31))


def test_without_a_holdout_a_model_that_can_doubt_customers_is_preferred(logs, tmp_path):
    ran = run(logs[0], "--holdout", "none", out=tmp_path / "out")
    assert ran.summary["model"]["name"] in {"mbg_nbd", "pareto_nbd"}
    assert "holdout" not in ran.summary
    once = zip(*(ran.customers[c] for c in ("frequency", "age", "p_alive")), strict=True)
    assert all(p < 1 for frequency, age, p in once if frequency == 0 and age > 100)
