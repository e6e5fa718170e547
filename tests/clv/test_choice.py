"""The choice follows its stated criteria, in order, and admits when a baseline is better."""

from __future__ import annotations

from kizuna.clv.choice import choose
from kizuna.clv.scores import Candidate

DOUBTING = ("mbg_nbd", "pareto_nbd")


def model(
    name: str, log_score: float = -1.0, rmse: float = 1.6, bias: float = 0.0, gini: float = 0.6
) -> Candidate:
    return Candidate(name, rmse, 0.8, bias, gini, 0.9, log_score)


def baseline(name: str, rmse: float = 2.0, gini: float = 0.5) -> Candidate:
    return Candidate(name, rmse, 1.0, None, gini)


def test_a_clearly_better_log_score_decides() -> None:
    found = choose([model("bg_nbd", -0.95), model("mbg_nbd", -1.0)], [], doubting=DOUBTING)
    assert (found.name, found.decided_by) == ("bg_nbd", "log_score")


def test_within_one_percent_of_probability_the_error_per_customer_decides() -> None:
    models = [model("bg_nbd", -1.0, rmse=1.50), model("mbg_nbd", -0.995, rmse=1.60)]
    assert choose(models, [], doubting=DOUBTING).decided_by == "rmse"


def test_then_the_bias_of_the_total_whatever_its_sign() -> None:
    models = [model("bg_nbd", bias=0.03), model("mbg_nbd", bias=-0.09)]
    found = choose(models, [], doubting=DOUBTING)
    assert (found.name, found.decided_by) == ("bg_nbd", "bias")


def test_when_all_is_near_a_model_that_doubts_one_time_buyers_is_taken() -> None:
    models = [model("bg_nbd", bias=0.03), model("mbg_nbd", bias=-0.04)]
    found = choose(models, [], doubting=DOUBTING)
    assert (found.name, found.decided_by) == ("mbg_nbd", "one_time_buyers")
    assert found.doubts_one_time_buyers


def test_equal_candidates_are_decided_by_their_order() -> None:
    found = choose([model("pareto_nbd"), model("mbg_nbd")], [], doubting=DOUBTING)
    assert (found.name, found.decided_by) == ("pareto_nbd", "order")


def test_a_single_candidate_was_not_chosen_by_any_criterion() -> None:
    assert choose([model("bg_nbd")], [], doubting=DOUBTING).decided_by == "only"


def test_where_the_best_cannot_doubt_one_time_buyers_another_is_named_for_churn() -> None:
    models = [model("bg_nbd", -0.9), model("mbg_nbd", -1.0), model("pareto_nbd", -1.2)]
    found = choose(models, [], doubting=DOUBTING)
    assert (found.doubts_one_time_buyers, found.for_churn) == (False, "mbg_nbd")


def test_no_model_for_churn_is_named_where_none_can_doubt() -> None:
    assert choose([model("bg_nbd")], [], doubting=()).for_churn is None


def test_every_criterion_shows_whom_it_left() -> None:
    models = [model("bg_nbd", -0.9), model("mbg_nbd", -0.9, rmse=2.0), model("pareto_nbd", -1.2)]
    left = {c.name: c.left for c in choose(models, [], doubting=DOUBTING).criteria}
    assert left["log_score"] == ("bg_nbd", "mbg_nbd")
    assert left["rmse"] == ("bg_nbd",)


def test_a_baseline_that_ranks_better_is_named_with_both_figures() -> None:
    found = choose([model("bg_nbd")], [baseline("past_spend", gini=0.66)], doubting=())
    (better,) = found.beaten_by
    assert (better.name, better.measure) == ("past_spend", "gini")
    assert (better.baseline, better.model) == (0.66, 0.6)


def test_a_baseline_that_is_worse_is_not_named() -> None:
    assert choose([model("bg_nbd")], [baseline("zero")], doubting=()).beaten_by == ()
