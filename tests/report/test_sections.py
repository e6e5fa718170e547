"""What the page says, number by number."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from markupsafe import Markup

from kizuna.report.language import Language
from kizuna.report.material import Material
from kizuna.report.sections import (
    back_test,
    concentration,
    factors,
    findings,
    notes,
    rejected,
    repeat,
    retention,
    segments,
    story,
    truth,
)
from kizuna.report.sections.headline import headline
from report import results


def material(
    lang: str = "en", tables: dict[str, pa.Table] | None = None, **changes: Any
) -> Material:
    summary = results.summary(**changes)
    given = results.tables() if tables is None else tables
    return Material(summary, given, Language(lang, summary["currency"]))


def said(m: Material) -> list[str]:
    """Findings as plain text."""
    return [str(Markup(block.text).striptags()) for block in findings.section(m).blocks]  # type: ignore[union-attr]


def test_the_headline_gives_value_interval_and_definition() -> None:
    found = headline(material())
    assert (found.value, found.interval) == ("$58,731", "90% interval: $49,106 to $69,951")
    assert found.definition == (
        "Future margin over 365 days from 30 Jun 1998; the past is not included."
    )


def test_the_headline_says_that_no_margin_was_given() -> None:
    assert headline(material()).margin.startswith("No margin was given")
    given = results.options() | {"margin": 0.35}
    assert headline(material(options=given)).margin.startswith("35% of revenue")


def test_concentration_is_read_off_the_curve() -> None:
    assert said(material())[0] == (
        "The top 10% of customers carry 55% of the value to come; so far they carried 42%."
    )


def test_an_undershooting_model_is_called_so() -> None:
    unseen = said(material())[2]
    assert "predicted 1,653 purchases and 1,882 happened: 12.1% too few" in unseen
    assert "inside its 90% interval (1,402 to 1,948)" in unseen


def test_a_model_that_sees_nobody_leave_is_doubted() -> None:
    rows = [row | {"mean_p_alive": 0.999} for row in results.segments().to_pylist()]
    given = results.tables() | {"segments": pa.Table.from_pylist(rows)}
    told = said(material(tables=given))[1]
    assert "(more than 99%)" in told
    assert "sees nobody leave in this log" in told


def test_a_miss_in_money_is_a_caution_however_well_purchases_were_foreseen() -> None:
    close = results.holdout() | {"predicted_purchases": 1_850}
    note = findings.section(material(holdout=close)).blocks[2]
    assert note.mood == "caution"  # type: ignore[union-attr]
    assert "$59,932 against $70,976, 15.6% too little" in said(material(holdout=close))[2]


def test_a_truth_outside_the_interval_is_called_so() -> None:
    narrow = results.holdout() | {"predicted_low": 1_536, "predicted_high": 1_768}
    assert "the model was too sure of itself" in said(material(holdout=narrow))[2]


def test_a_good_forecast_is_marked_good_and_a_bad_one_is_not() -> None:
    close = results.holdout() | {"predicted_purchases": 1_850, "predicted_spend": 70_000.0}
    assert findings.section(material(holdout=close)).blocks[2].mood == "good"  # type: ignore[union-attr]
    assert findings.section(material()).blocks[2].mood == "caution"  # type: ignore[union-attr]


def test_a_simple_rule_that_ranks_better_is_admitted() -> None:
    assert "A simple rule ranks customers better" in said(material())[3]


def test_a_model_that_ranks_better_is_told_apart() -> None:
    rows = [row for row in results.candidates() if row["name"] != "past_spend"]
    assert "The model ranks customers better" in said(material(candidates=rows))[3]


def test_there_are_three_to_five_findings() -> None:
    assert 3 <= len(findings.section(material()).blocks) <= 5


def test_serious_warnings_come_first() -> None:
    given = [{"message": "a"}, {"message": "b", "mood": "serious"}]
    assert [note.text for note in notes.all_notes(material(warnings=given))] == ["B", "A"]


def test_a_warning_without_translation_is_marked_as_english() -> None:
    note = notes.as_note(material("ja"), "an odd <thing>")
    assert note.text == Markup('<span lang="en">an odd &lt;thing&gt;</span>')


def test_the_best_of_each_column_has_a_star_and_the_chosen_its_word() -> None:
    grid = next(b for b in back_test.section(material()).blocks if b.kind == "grid")
    cells = {row.cells[0]: row for row in grid.rows}  # type: ignore[union-attr]
    assert cells["Pareto/NBD"].cells[2] == "★ 1.606"
    assert cells["Sorted by past spend (simple rule)"].cells[5] == "★ 0.659"
    assert [name for name, row in cells.items() if row.mark] == ["BG/NBD"]


def test_without_a_holdout_the_back_test_says_what_it_needs() -> None:
    section = back_test.section(material(holdout=None))
    assert "long enough to keep back its second half" in section.blocks[0].text  # type: ignore[union-attr]


def test_parameters_become_sentences() -> None:
    told = " ".join(story._purchases(material(correction=None)))
    assert "2.9 repeat orders a year" in told
    assert "25% of customers stop for good" in told


@pytest.mark.parametrize("name", ["bg_nbd", "mbg_nbd", "pareto_nbd"])
def test_the_story_is_the_same_in_days_and_weeks(name: str) -> None:
    weekly = results.model(name)
    times = {"alpha", "beta"}
    daily = weekly | {
        "unit": "day",
        "parameters": {k: v * 7 if k in times else v for k, v in weekly["parameters"].items()},
    }

    def told(model: dict[str, Any]) -> list[str]:
        return story._purchases(material(model=model, correction=None))

    assert told(daily) == told(weekly)


def test_half_of_the_customers_of_pareto_leave_within_the_median() -> None:
    pareto = material(model=results.model("pareto_nbd"), correction=None)
    told = story._purchases(pareto)[-1]
    assert told == "Of new customers, 64% have left within a year; half have left after 6 months."


def test_one_time_buyers_are_explained_for_bg_nbd_alone() -> None:
    assert story._once(material())
    assert story._once(material(model=results.model("pareto_nbd"))) == []


def test_the_story_tells_the_parameters_that_were_used() -> None:
    assert "1.9 repeat orders a year" in " ".join(story._purchases(material()))


def test_a_faster_start_is_told_with_its_evidence() -> None:
    told = " ".join(story._correction(material()))
    assert "82% faster after the first order than later, most of it gone after 49 days" in told
    assert "improved 2 of 3 forecasts" in told


def test_no_faster_start_is_told_too() -> None:
    assert story._correction(material(correction=None))[0].startswith("No correction was made")


def test_keys_in_a_warning_become_words() -> None:
    warning = {
        "message": "A simple rule, {baseline}, did better than the model in {measure} "
        "({rule} against {model}).",
        "values": {"baseline": "past_spend", "measure": "gini", "rule": "0.680", "model": "0.660"},
    }
    assert str(notes.text_of(material("ja"), warning)).startswith("顧客の順位付けでは、")


def test_findings_do_not_repeat_what_they_tell_already() -> None:
    given = [{"message": "BG/NBD says of everyone …"}, {"message": "The date is odd"}]
    found = notes.biggest(material(warnings=given))
    assert found
    assert "The date is odd" in str(found.text)


def test_the_width_of_the_interval_is_taken_apart() -> None:
    assert headline(material()).width == (
        "Errors behind the interval: the model itself ±8%, chance ±4%, parameters ±3%."
    )


def test_a_spend_model_tells_how_much_one_order_counts() -> None:
    assert "70% of the estimate after one repeat order and for 92% after five" in " ".join(
        story._spend(material())
    )


def test_the_plain_formula_is_the_product_of_its_factors() -> None:
    rows = {row["factor"]: row for row in results.ltv_factors().to_pylist()}
    assert factors.plain_ltv(rows) == pytest.approx(36.45 * 3.91 * 0.83)


def test_an_unknown_factor_leaves_the_product_unknown() -> None:
    rows = {row["factor"]: row for row in results.ltv_factors().to_pylist()}
    rows["relationship_years"]["value"] = None
    assert factors.plain_ltv(rows) is None


def test_mean_retention_weighs_cohorts_by_customers() -> None:
    table = results.retention()
    rows = [row for row in table.to_pylist() if row["age_months"] == 1]
    expected = sum(row["active"] for row in rows) / sum(row["customers"] for row in rows)
    assert retention.mean_rates(material())[1] == pytest.approx(expected)


def test_a_segment_of_the_users_own_keeps_its_name_and_gets_no_advice() -> None:
    assert segments.advice(material(), "friends of the house") == "–"
    assert segments.advice(material("ja"), "new").startswith("歓迎")
    assert segments.advice(material("ja"), "Can't lose") == segments.advice(
        material("ja"), "cant_lose"
    )


def test_reasons_are_counted_and_translated() -> None:
    section = rejected.section(material("ja"))
    assert section.blocks[0].rows[0].cells == ("日付を読み取れない", "12", "0.17%")  # type: ignore[union-attr]


def test_the_concentration_falls_back_on_the_past_without_a_model() -> None:
    rows = [row for row in results.concentration().to_pylist() if row["kind"] == "historical"]
    past = pa.Table.from_pylist(rows)
    assert "value so far" in str(
        concentration.section(material(tables={"concentration": past})).lead
    )


def test_the_command_is_quoted_for_a_shell() -> None:
    given = results.options() | {"orders": ["my orders.csv"], "customer": "お客様 番号"}
    line = " ".join(repeat.command_words(material(options=given)))
    assert line.startswith("kizuna value 'my orders.csv' --horizon 365d")
    assert "--customer 'お客様 番号'" in line


def test_estimates_are_held_against_the_truth() -> None:
    section = truth.section(material(truth=results.truth()))
    assert section
    equity = section.blocks[0].rows[0].cells  # type: ignore[union-attr]
    assert equity == (
        "Customer equity",
        "$61,020",
        "$58,731",
        "−3.8%",
        "$49,106 to $69,951",
        "✓ inside the interval",
    )


def test_nobody_knows_the_truth_of_real_customers() -> None:
    assert truth.section(material()) is None
