"""What the sections of the value board say: cost, change, repurchase, the accuracy log."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from kizuna.report.blocks import Facts, Grid, Note, Picture, Section
from kizuna.report.language import Language
from kizuna.report.material import Material
from kizuna.report.sections import accuracy, acquisition, changes, ltv, repurchase
from report import board_results, results


def material(lang: str = "en", margin: float = 1.0, **tables: pa.Table) -> Material:
    summary = results.summary(options=results.options() | {"margin": margin})
    return Material(summary, results.tables() | tables, Language(lang, "USD"))


def facts(section: Section) -> dict[str, str]:
    found = [block for block in section.blocks if isinstance(block, Facts)]
    return {fact.name: fact.value for block in found for fact in block.facts}


def grid(section: Section, caption: str) -> list[tuple[Any, ...]]:
    grids = [block for block in section.blocks if isinstance(block, Grid)]
    return next([row.cells for row in g.rows] for g in grids if g.caption == caption)


def test_the_change_is_told_with_its_largest_part() -> None:
    said = changes.section(material()).lead
    assert "fallen by $1,269 (2.1%)" in said
    assert "Did not buy, −$6,499 from 2,147 customers" in said


def test_movers_are_named_where_a_name_is_known() -> None:
    rows = grid(changes.section(material()), "Customers who moved it most")
    assert [row[0] for row in rows] == ["8830", "<b>山田 花子</b>"]
    assert rows[0][-1] == "+$641.53"


def test_without_a_past_the_change_is_not_known() -> None:
    block = changes.section(
        material(value_changes=board_results.value_changes().slice(0, 0))
    ).blocks[0]
    assert isinstance(block, Note)
    assert block.mood == "unknown"


def test_cost_value_ratio_and_payback_stand_side_by_side() -> None:
    found = facts(acquisition.section(material(channel_values=board_results.channel_values())))
    assert found == {
        "Cost per new customer (CAC)": "$24.00",
        "Value of such a customer": "$60.00",
        "LTV:CAC": "2.5",
        "Payback": "in the month of the first order",
    }


def test_a_channel_without_costs_says_so() -> None:
    rows = grid(
        acquisition.section(material(channel_values=board_results.channel_values())), "Channels"
    )
    assert [row[0] for row in rows] == ["All channels", "web", "store", "Channel not known"]
    assert rows[-1][2:] == ("–", "–", "–", "$40.00", "–", "not yet known")


def test_channels_without_any_cost_are_valued_all_the_same() -> None:
    section = acquisition.section(
        material(channel_values=board_results.channel_values(costs=False))
    )
    assert isinstance(section.blocks[0], Note)
    assert isinstance(section.blocks[1], Picture)


def test_without_costs_and_channels_it_says_what_to_import() -> None:
    only = board_results.channel_values(costs=False).slice(0, 1)
    block = acquisition.section(material(channel_values=only)).blocks[0]
    assert isinstance(block, Note)
    assert "acquisition" in block.text


@pytest.mark.parametrize(("margin", "line"), [(1.0, 24.0), (0.5, 48.0)])
def test_the_cost_line_is_at_the_value_whose_margin_covers_it(margin: float, line: float) -> None:
    m = material(margin=margin, channel_values=board_results.channel_values())
    picture = ltv.section(m).blocks[0]
    assert isinstance(picture, Picture)
    assert picture.figure["data"][-1]["y"] == [line, line]
    assert "Payback: in the month of the first order." in picture.says


def test_without_costs_no_line_is_drawn() -> None:
    picture = ltv.section(material()).blocks[0]
    assert isinstance(picture, Picture)
    assert "dashed" not in picture.says


def test_repurchase_is_told_for_each_purchase() -> None:
    section = repurchase.section(material())
    assert facts(section)["Bought again within 90 days"] == "29.2%"
    rows = grid(section, "Share of purchases followed by another")
    assert rows[1][:3] == ("after the 2nd purchase", "23.8%", "42.8%")


def test_a_share_of_few_purchases_is_not_told_as_a_fact() -> None:
    few = pa.Table.from_pylist(
        [r | {"purchases": 5} for r in board_results.repurchase().to_pylist()]
    )
    assert set(facts(repurchase.section(material(repurchase=few))).values()) == {"not yet known"}


def test_the_accuracy_log_counts_what_held() -> None:
    section = accuracy.section(material(past_forecasts=board_results.past_forecasts()))
    assert facts(section)["Inside the 90% interval"] == "1 of 2"
    pictures = [block for block in section.blocks if isinstance(block, Picture)]
    verdicts = [picture.numbers.rows[0].cells[-1] for picture in pictures]
    assert verdicts == ["✗ outside the interval", "✓ inside the interval"]


def test_without_a_forecast_that_is_over_it_says_when_there_will_be_one() -> None:
    block = accuracy.section(material()).blocks[0]
    assert isinstance(block, Note)
    assert "30 days" in block.text


def test_all_of_it_is_said_in_japanese() -> None:
    tables = {
        "channel_values": board_results.channel_values(),
        "past_forecasts": board_results.past_forecasts(),
    }
    m = material("ja", **tables)
    told = [part.section(m) for part in (accuracy, acquisition, changes, repurchase)]
    assert [section.title for section in told] == [
        "予測と実績",
        "顧客獲得コスト",
        "この1か月の変化",
        "再購入",
    ]
    assert "減りました" in told[2].lead
