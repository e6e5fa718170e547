"""Themes and moods by words, held against labelled comments; the learner; proposals; drivers."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kizuna.experience.voice.dictionary import OTHER, Dictionary, whole_mood
from kizuna.experience.voice.drivers import difference
from kizuna.experience.voice.learner import (
    NEEDED,
    ThemeLearner,
    cross_validated,
    enough,
)
from kizuna.experience.voice.proposals import proposals
from kizuna.experience.voice.texts import clauses
from kizuna.experience.voice.tokens import tokens
from kizuna.pipeline.know.voice_themes import dictionary_of, packaged

FILE = Path(__file__).parent / "comments.csv"
SAMPLE = list(csv.DictReader(FILE.read_text("utf-8").splitlines()))


@pytest.fixture(scope="module")
def dictionary() -> Dictionary:
    return dictionary_of(packaged())


def of(row: dict[str, str]) -> set[str]:
    return set(row["themes"].split("|")) - {OTHER}


def test_the_packaged_words_find_the_themes_of_labelled_comments(dictionary: Dictionary) -> None:
    pairs = [(of(row), dictionary.keys(row["text"])) for row in SAMPLE]
    right = sum(len(want & found) for want, found in pairs)
    assert right / sum(len(found) for _, found in pairs) >= 0.9
    assert right / sum(len(want) for want, _ in pairs) >= 0.9


def test_moods_are_told_as_people_labelled_them() -> None:
    right = [whole_mood(row["text"]) == row["mood"] for row in SAMPLE]
    assert np.mean(right) >= 0.88


def test_no_complaint_is_taken_for_praise() -> None:
    praised = [r["text"] for r in SAMPLE if r["mood"] == "bad" and whole_mood(r["text"]) == "good"]
    assert praised == []


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("品質は良くない", "bad"),
        ("悪くない", "good"),
        ("不具合はありません", "good"),
        ("検索の改善を希望します", "wish"),
        ("The support is not good", "bad"),
        ("Not bad", "good"),
        ("Please improve the search", "wish"),
        ("ＡＰＰが使いにくい", "bad"),
        ("", "neutral"),
    ],
)
def test_negation_and_wishes_turn_the_mood(text: str, mood: str) -> None:
    assert whole_mood(text) == mood


def test_each_theme_has_the_mood_of_its_own_clause(dictionary: Dictionary) -> None:
    found = {m.theme: m.mood for m in dictionary.mentions("お花はきれいでしたが、配送が遅れました")}
    assert found == {"quality": "good", "delivery": "bad"}


def test_a_comment_about_nothing_known_is_other(dictionary: Dictionary) -> None:
    assert [m.theme for m in dictionary.mentions("こんにちは")] == [OTHER]


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    assert all(part.strip() == part for part in clauses(text))
    assert whole_mood(text) in {"good", "bad", "wish", "neutral"}
    assert isinstance(tokens(text, "pieces"), list)


def test_sudachi_gives_whole_words_in_their_normal_form() -> None:
    pytest.importorskip("sudachipy")
    assert tokens("花束がしおれていた", "words") == ["花束", "萎れる"]


def test_english_gives_words_without_those_that_say_nothing() -> None:
    assert tokens("The delivery was late", "words") == ["delivery", "late"]


TEXTS = [["parking", "full", str(n)] for n in range(30)] + [["nice", str(n)] for n in range(30)]
ABOUT = np.arange(60) < 30


def test_a_learner_finds_what_it_was_shown_and_keeps_its_parameters() -> None:
    pytest.importorskip("sklearn")
    assert cross_validated(TEXTS, ABOUT, "words").f1 == 1.0
    learner = ThemeLearner.fit(TEXTS, ABOUT, "words")
    again = ThemeLearner.from_json(learner.to_json())
    assert again == learner
    assert again.probability("full parking") > 0.5 > again.probability("nice")


def test_labels_that_mean_nothing_are_not_learned() -> None:
    pytest.importorskip("sklearn")
    random = np.random.default_rng(1).uniform(size=60) < 0.5
    assert cross_validated(TEXTS, random, "words").f1 < 0.75


def test_the_same_text_is_never_both_learned_from_and_tested_on() -> None:
    pytest.importorskip("sklearn")
    texts = [[str(n // 5)] for n in range(100)]
    about = np.random.default_rng(2).permutation(np.arange(20) < 10).repeat(5)
    assert cross_validated(texts, about, "words").f1 < 0.75


def test_a_learner_needs_cases_of_both_kinds() -> None:
    assert not enough(np.ones(500, dtype=np.bool_))
    assert enough(np.arange(2 * NEEDED) < NEEDED)


def test_words_that_go_together_are_proposed() -> None:
    pytest.importorskip("sklearn")
    texts = [
        ["parking", "full"],
        ["parking", "car"],
        ["opening", "hours"],
        ["hours", "sunday"],
    ] * 15
    found = proposals(texts, seed=0)
    assert {"parking", "hours"} <= {word for proposal in found for word in proposal.words}
    assert sum(proposal.comments for proposal in found) <= len(texts)


@pytest.mark.parametrize("texts", [[], [["a"]] * 500, [[str(n)] for n in range(100)]])
def test_nothing_is_proposed_where_nothing_goes_together(texts: list[list[str]]) -> None:
    assert proposals(texts, seed=0) == []


def test_the_interval_of_a_difference_covers_the_truth() -> None:
    rng = np.random.default_rng(3)
    covered = 0
    for _ in range(300):
        found = difference(rng.normal(1, 2, 12), rng.normal(0, 1, 80))
        assert found is not None
        covered += found.low <= 1 <= found.high
    assert 0.85 <= covered / 300 <= 0.95


def test_too_few_scores_tell_nothing() -> None:
    assert difference(np.ones(4), np.ones(100)) is None
