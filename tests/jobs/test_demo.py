"""The demo: a company whose future is known, and estimates held against it."""

from __future__ import annotations

from datetime import date

import pytest

from command import run
from kizuna.jobs.demo import demo


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    out = tmp_path_factory.mktemp("demo")
    return demo(out, customers=1500, seed=3, lang="ja", today=date(2026, 11, 21)), out


def test_what_really_came_lies_within_the_interval(shop):
    summary = shop[0].summary
    for name in ("customer_equity", "expected_purchases"):
        assert summary[name]["low"] < summary["truth"][name] < summary[name]["high"]


def test_most_customers_land_within_their_own_bounds(shop):
    assert 0.88 < shop[0].summary["truth"]["coverage_90"] < 0.99


def test_rows_that_were_spoiled_are_the_rows_left_out(shop):
    assert set(shop[0].summary["rows_rejected"]) == {
        "missing_customer",
        "unreadable_date",
        "unreadable_amount",
    }


def test_the_report_compares_with_the_truth(shop):
    assert "真の値との比較" in (shop[1] / "report.html").read_text("utf-8")


def test_the_command_makes_a_company_and_its_files(tmp_path):
    words = ("--customers", 300, "--seed", 2, "--no-open", "--report")
    ran = run(*words, out=tmp_path / "demo", command="demo")
    assert ran.code == 0, ran.stderr
    assert {"orders.csv", "truth.json", "report.html"} <= {p.name for p in ran.out.iterdir()}
