"""Comments, their themes, the score they move, gaps and what came of their improvement."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from kizuna.pipeline.know.comment_themes import confirmed
from kizuna.pipeline.know.gap_effects import wilson
from kizuna.pipeline.know.voice_themes import read_themes
from tiny_tables import Rows, a_run, made, table

RUN = a_run("2026-03-31")


def answer(number: int, comment: str, **values: Any) -> dict[str, Any]:
    usual = {"customer_id": f"c{number}", "answered_at": datetime(2026, 3, 1, 9)}
    usual |= {"kind": "nps", "score": 9.0, "scale_low": 0.0, "scale_high": 10.0}
    return {"response_id": str(number), "comment": comment} | usual | values


def contact(number: int, text: str, **values: Any) -> dict[str, Any]:
    usual = {"customer_id": f"c{number}", "happened_at": datetime(2026, 3, 2, 9)}
    usual |= {"channel": "mail", "direction": "in"}
    return {"interaction_id": str(number), "text": text} | usual | values


def inputs(answers: Rows, contacts: Rows, **others: Rows) -> dict[str, Any]:
    more: dict[str, Rows] = {
        "comment_labels": [],
        "service_gaps": [],
        "contract_terms": [],
        "clv_scores": [],
    }
    given = {"responses": answers, "interactions": contacts, **more, **others}
    return {name: table(name, rows) for name, rows in given.items()}


def test_a_comment_is_any_text_from_a_customer(engine: Any) -> None:
    given = inputs(
        [answer(1, " late "), answer(2, "  "), answer(3, "new", answered_at=datetime(2026, 4, 1))],
        [
            contact(4, "hello"),
            contact(5, "reply", direction="out"),
            contact(6, "x", direction=None),
        ],
    )
    rows = made("comments", given, RUN, engine=engine)
    assert [row["comment_id"] for row in rows] == ["answer:1", "contact:4", "contact:6"]
    assert rows[0]["text"] == "late"


def test_scores_stand_on_one_scale_even_upside_down(engine: Any) -> None:
    turned = {"kind": "csat", "scale_low": 5.0, "scale_high": 1.0}
    given = inputs(
        [
            answer(1, "a", **turned, score=1.0, case_id="k"),
            answer(2, "b", score=4.0),
            answer(3, "c", score=40.0),
            answer(4, "d", scale_low=3.0, scale_high=3.0),
        ],
        [contact(1, "e", case_id="k")],
    )
    rows = made("comments", given, RUN, engine=engine)
    assert [row["csat"] for row in rows] == [100.0, 100.0, None, None, None]
    assert [row["nps"] for row in rows] == [None, None, 4.0, None, None]


def test_a_year_is_what_counts_as_recent(engine: Any) -> None:
    given = inputs([answer(1, "a", answered_at=datetime(2025, 3, 31)), answer(2, "b")], [])
    assert [r["recent"] for r in made("comments", given, RUN, engine=engine)] == [False, True]


def test_the_value_of_those_who_complain_is_told(engine: Any) -> None:
    terms = {"customer_id": "c1", "currency": "USD", "amount": 1, "billing_months": 1}
    given = inputs(
        [answer(1, "The delivery was late"), answer(2, "Delivery was fast")],
        [contact(1, "Still not delivered")],
        clv_scores=[{"customer_id": "c1", "residual_clv": 500.0}],
        contract_terms=[terms | {"contract_id": "t", "mrr": 70}],
    )
    found = {row["theme"]: row for row in made("themes", given, RUN, engine=engine)}
    delivery = found["delivery"]
    assert (delivery["comments"], delivery["complaints"], delivery["customers"]) == (3, 2, 2)
    assert delivery["customers_affected"] == 1
    assert (delivery["value_affected"], delivery["mrr_affected"]) == (500.0, 70)
    assert delivery["delta"] is None


def test_a_theme_that_lowers_the_score_says_by_how_much() -> None:
    late = [answer(n, "late delivery", score=2.0 + n % 2) for n in range(20)]
    fine = [answer(n, "lovely flowers", score=9.0 + n % 2) for n in range(20, 60)]
    found = {row["theme"]: row for row in made("themes", inputs(late + fine, []), RUN)}
    row = found["delivery"]
    assert row["delta"] == pytest.approx(-7.0)
    assert row["delta_low"] < -7.0 < row["delta_high"] < 0
    assert (row["scored_with"], row["scored_without"]) == (20, 40)


def test_complaints_are_counted_by_day(engine: Any) -> None:
    given = inputs([answer(1, "late delivery"), answer(2, "Delivery was fast")], [contact(3, "hm")])
    rows = made("theme_days", given, RUN, engine=engine)
    delivery = next(row for row in rows if row["theme"] == "delivery")
    assert (delivery["comments"], delivery["complaints"], delivery["all_comments"]) == (2, 1, 2)


def label(number: int, theme: str, *, holds: bool) -> dict[str, Any]:
    return {"customer_id": f"c{number}", "comment_id": f"answer:{number}", "theme": theme} | {
        "holds": holds
    }


def test_the_word_of_a_person_stands() -> None:
    labels = [label(1, "delivery", holds=False), label(1, "price", holds=True)]
    given = inputs([answer(1, "late delivery")], [], comment_labels=labels)
    rows = made("comment_themes", given, RUN)
    assert [(row["theme"], row["found_by"]) for row in rows] == [("price", "person")]


def test_what_was_denied_altogether_is_other() -> None:
    assert confirmed({"price": "words"}, {"price": False}) == {"other": "person"}
    assert confirmed({"other": "words"}, {}) == {"other": "words"}


def test_few_labels_leave_the_words_and_say_how_many_are_missing() -> None:
    labels = [label(1, "delivery", holds=True), label(2, "delivery", holds=False)]
    given = inputs([answer(1, "late delivery"), answer(2, "dear")], [], comment_labels=labels)
    row = next(r for r in made("voice_model", given, RUN) if r["theme"] == "delivery")
    assert (row["method"], row["labelled"], row["confirmed"], row["needed"]) == ("words", 2, 1, 38)
    assert (row["words_precision"], row["words_recall"]) == (1.0, 1.0)


def test_a_learner_takes_over_where_it_beats_the_words() -> None:
    pytest.importorskip("sklearn")
    answers = [answer(n, f"parking was full {'x' * (n + 2)}") for n in range(25)]
    answers += [answer(n, f"lovely roses {'y' * (n + 2)}") for n in range(25, 50)]
    labels = [label(n, "delivery", holds=n < 25) for n in range(50)]
    answers.append(answer(99, "the parking again"))
    given = inputs(answers, [], comment_labels=labels)
    row = next(r for r in made("voice_model", given, RUN) if r["theme"] == "delivery")
    assert (row["method"], row["learned_recall"], row["words_recall"]) == ("learned", 1.0, 0.0)
    found = {r["comment_id"]: r for r in made("comment_themes", given, RUN)}
    assert (found["answer:99"]["theme"], found["answer:99"]["found_by"]) == ("delivery", "learned")


def test_before_and_after_are_equally_long() -> None:
    def said(n: int, day: int, text: str) -> dict[str, Any]:
        return answer(n, text, answered_at=datetime(2026, 3, day))

    before = [said(n, 15, "late delivery" if n < 8 else "hello") for n in range(10)]
    after = [said(n, 25, "late delivery" if n < 12 else "hello") for n in range(10, 30)]
    early = [answer(90, "late delivery", answered_at=datetime(2026, 1, 1))]
    gaps = [
        {"gap_id": "1", "theme": "delivery", "improved_on": date(2026, 3, 21)},
        {"gap_id": "2", "theme": "delivery", "improved_on": date(2026, 5, 1)},
        {"gap_id": "3", "theme": "delivery", "improved_on": None},
    ]
    rows = made("gap_effects", inputs(before + after + early, [], service_gaps=gaps), RUN)
    assert [row["gap_id"] for row in rows] == ["1"]
    row = rows[0]
    assert (row["days"], row["before"], row["before_of"]) == (11, 8, 10)
    assert (row["after"], row["after_of"]) == (2, 20)
    assert row["change"] == pytest.approx(-0.7)
    assert row["change_low"] < -0.7 < row["change_high"] < 0


def test_no_comment_before_leaves_the_change_open() -> None:
    gap = {"gap_id": "1", "theme": "delivery", "improved_on": date(2026, 3, 1)}
    rows = made("gap_effects", inputs([answer(1, "late delivery")], [], service_gaps=[gap]), RUN)
    assert rows[0]["change"] is None


def test_wilson_agrees_with_its_published_form() -> None:
    assert wilson(0, 10) == pytest.approx((0.0, 0.21296), abs=1e-4)


def test_proposals_come_from_what_no_theme_explains() -> None:
    pytest.importorskip("sudachipy")
    said = ["parking full", "parking cars", "opening hours", "hours sunday", "hello world"]
    answers = [answer(n, said[n % 5]) for n in range(100)]
    rows = made("theme_proposals", inputs(answers, []), RUN)
    assert rows
    assert "parking" in " ".join(row["words"] for row in rows)
    assert all(row["examples"].startswith("answer:") for row in rows)


@pytest.mark.parametrize(
    "row", ["a,A,あ,", "other,A,あ,x", "a,A,あ,x\na,B,い,y"], ids=["no words", "other", "twice"]
)
def test_a_dictionary_that_makes_no_sense_is_refused(tmp_path: Path, row: str) -> None:
    file = tmp_path / "themes.csv"
    file.write_text(f"theme,label_en,label_ja,words\n{row}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="themes"):
        read_themes(file)
