"""A learner is used where it beats its baseline on later days, and not otherwise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, logit

from kizuna.clv.data import Contracts
from kizuna.clv.models import ShiftedBetaGeometric
from kizuna.experience.churn import (
    EVENTS_TO_LEARN,
    UNSEEN,
    Cases,
    ChurnModel,
    Verdict,
    forecasts,
    judge,
    lead_times,
    settle,
)
from kizuna.experience.lifetimes import ends_within, own_ends, survival_model


def cases(rows: int, seed: int, *, facts_matter: float, baseline_matters: float) -> Cases:
    rng = np.random.default_rng(seed)
    known, own = rng.normal(size=(rows, 2)), rng.normal(size=rows)
    odds = -1.2 + facts_matter * known[:, 0] + baseline_matters * own
    baseline = expit(-1.2 + baseline_matters * own)
    left = rng.random(rows) < expit(odds)
    return Cases(("use", "noise"), known, baseline, np.arange(rows), left)


def judged(earlier: Cases, later: Cases) -> Verdict:
    return judge(forecasts(earlier, later), later.left, earlier.events)


LEARNABLE = (cases(2_000, seed, facts_matter=1.0, baseline_matters=0.8) for seed in (1, 2))
EARLIER, LATER = LEARNABLE
VERDICT = judged(EARLIER, LATER)
MODEL = settle(VERDICT, EARLIER)


def test_a_learner_that_knows_more_is_used() -> None:
    assert (VERDICT.used, VERDICT.reason) == ("learner", "better")
    assert VERDICT.scores["learner"].auc > VERDICT.scores["baseline"].auc + 0.05
    assert VERDICT.scores["baseline"].auc > VERDICT.scores["rate"].auc == 0.5


def test_a_learner_that_knows_no_more_gives_way_to_the_baseline() -> None:
    earlier = cases(150, 3, facts_matter=0.0, baseline_matters=1.5)
    later = cases(3_000, 4, facts_matter=0.0, baseline_matters=1.5)
    verdict = judged(earlier, later)
    assert (verdict.used, verdict.reason) == ("baseline", "too_few" if _few(earlier) else "worse")


def _few(found: Cases) -> bool:
    return min(found.events, found.stayed) < EVENTS_TO_LEARN


def test_with_too_few_cases_it_says_how_many_it_needs() -> None:
    earlier = cases(60, 5, facts_matter=1.0, baseline_matters=1.5)
    verdict = judged(earlier, cases(2_000, 6, facts_matter=1.0, baseline_matters=1.5))
    assert (verdict.used, verdict.reason) == ("baseline", "too_few")
    assert verdict.events < verdict.needed == EVENTS_TO_LEARN
    assert "learner" not in verdict.scores


def test_where_nothing_ranks_better_than_chance_there_is_no_signal() -> None:
    noise = (cases(1_000, seed, facts_matter=0.0, baseline_matters=0.0) for seed in (7, 8))
    verdict = judged(*noise)
    assert (verdict.used, verdict.reason) == ("rate", "no_signal")
    model = settle(verdict, EARLIER)
    found = model.predict(LATER.facts, LATER.baseline)
    assert np.ptp(found.probability) < 1e-12
    assert not found.effects.any()


def test_without_later_days_nothing_was_tested_and_the_baseline_is_used() -> None:
    verdict = judged(EARLIER, LATER.take(np.zeros(len(LATER), bool)))
    assert (verdict.used, verdict.reason, verdict.scores) == ("baseline", "untested", {})


def test_without_any_case_there_is_still_an_answer() -> None:
    none = EARLIER.take(np.zeros(len(EARLIER), bool))
    model = settle(judged(none, none), none)
    found = model.predict(LATER.facts, LATER.baseline)
    assert found.probability == pytest.approx(LATER.baseline)


def test_the_baseline_in_use_says_what_the_baseline_says() -> None:
    model = ChurnModel("baseline", 0.2, -1.0, 0.3)
    found = model.predict(LATER.facts, LATER.baseline)
    assert found.probability == pytest.approx(LATER.baseline)
    assert (found.low < LATER.baseline).all()
    assert (found.high > LATER.baseline).all()


def test_the_interval_holds_the_probability_and_widens_with_past_error() -> None:
    found = MODEL.predict(LATER.facts, LATER.baseline)
    assert (found.low <= found.probability).all()
    assert (found.probability <= found.high).all()
    worse = replace(MODEL, off=MODEL.off + 1.0)
    wider = worse.predict(LATER.facts, LATER.baseline)
    assert (wider.high - wider.low > found.high - found.low).all()


def test_effects_add_up_to_the_probability() -> None:
    found = MODEL.predict(LATER.facts, LATER.baseline)
    assert expit(MODEL.usual + found.effects.sum(axis=1)) == pytest.approx(found.probability)


@pytest.mark.parametrize("model", [MODEL, ChurnModel("rate", 0.1, -2.2, 0.0)])
def test_json_gives_the_same_model(model: ChurnModel) -> None:
    again = ChurnModel.from_json(model.to_json())
    for mine, its in zip(
        _columns(again.predict(LATER.facts, LATER.baseline)),
        _columns(model.predict(LATER.facts, LATER.baseline)),
        strict=True,
    ):
        assert mine.tolist() == its.tolist()


def _columns(found: object) -> list[np.ndarray]:
    return [getattr(found, name) for name in ("probability", "low", "high", "effects")]


def test_a_customer_who_leaves_on_many_days_counts_once() -> None:
    many = Cases(
        ("a",), np.zeros((4, 1)), np.full(4, 0.5), np.array([1, 1, 1, 2]), np.ones(4, bool)
    )
    assert (many.events, many.stayed) == (2, 0)


def test_ending_is_told_by_survival() -> None:
    contracts = Contracts.from_survivors([1000, 869, 743, 653, 593, 551, 517, 491])
    model = survival_model(contracts)
    assert ends_within(model, np.array([0.0]), 7)[0] == pytest.approx(1 - 0.491, abs=0.02)
    sbg = ShiftedBetaGeometric(1.0, 4.0)
    assert ends_within(sbg, np.array([3.0]), 2)[0] == pytest.approx(1 - 7 / 8 * 8 / 9)


def test_lead_time_counts_from_the_first_flag() -> None:
    day, ended = np.array([0.0, 30.0, 60.0, 0.0]), np.array([70.0, 70.0, 70.0, np.nan])
    flagged = np.array([False, True, True, True])
    assert lead_times(day, ended, np.array([1, 1, 1, 2]), flagged).tolist() == [40.0]
    assert not len(lead_times(day, ended, np.array([1, 1, 1, 2]), np.zeros(4, bool)))


def world(
    seed: int, customers: int = 1_200, months: int = 4, hidden: float = 0.5
) -> tuple[Cases, np.ndarray]:
    """Customers on months' ends: as much shows of what moves them as does not; some are held."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(customers), months)
    unseen = rng.normal(size=customers)[who] * hidden
    known = rng.normal(size=(len(who), 6))
    held = np.where(rng.random(customers) < 0.3, 200.0, 0.0)[who]
    odds = -2.2 + known[:, :3] @ (0.4, -0.3, 0.3) + unseen
    true = np.where(held > 0, 0.0, expit(odds))
    left = rng.random(len(who)) < true
    facts = np.column_stack([known, held])
    names = (*(f"fact {k}" for k in range(6)), "days_bound")
    return Cases(names, facts, np.full(len(who), 0.1), who, left, 90.0), true


def at_their_ends(seed: int) -> tuple[Cases, np.ndarray]:
    """The same customers, and what those who are held did when that was over: half as sensitive."""
    cases, _ = world(seed, hidden=0.0)
    signs = cases.facts[:, :3] @ (0.4, -0.3, 0.3)
    true = expit(-0.8 + 0.5 * signs)
    left = np.random.default_rng(seed + 1).random(len(true)) < true
    held = cases.facts[:, -1] > 0
    return replace(cases, chosen=np.where(held, left, np.nan)), np.where(held, true, np.nan)


def test_what_those_who_are_held_will_do_at_the_end_is_told_from_their_signs_of_today() -> None:
    seen, _ = at_their_ends(3)
    now, true = at_their_ends(4)
    model = settle(Verdict("learner", "better", 100, 30, {}), seen)
    model = ChurnModel.from_json(model.to_json())
    held = model.chooses_later(now.facts)
    assert held.tolist() == np.isfinite(true).tolist()
    assert model.choice is not None
    found = model.leaving_at_choice(now.facts[held], now.baseline[held])
    assert found.probability.mean() == pytest.approx(true[held].mean(), abs=0.04)
    assert np.corrcoef(found.probability, true[held])[0, 1] > 0.8
    inside = (found.low <= true[held]) & (true[held] <= found.high)
    assert inside.mean() > 0.9
    odds = model.usual + found.effects.sum(axis=1)
    assert expit(odds) == pytest.approx(found.probability)


def test_the_probability_of_leaving_within_the_horizon_stays_what_it_was() -> None:
    seen, _ = at_their_ends(3)
    verdict = Verdict("learner", "better", 100, 30, {})
    with_ends, without = settle(verdict, seen), settle(verdict, replace(seen, chosen=None))
    assert without.choice is None
    assert not without.chooses_later(seen.facts).any()
    told = [m.predict(seen.facts, seen.baseline).probability for m in (with_ends, without)]
    assert told[0].tolist() == told[1].tolist()
    alike = without.effects_at_choice(seen.facts, seen.baseline)
    assert alike.tolist() == without.effects(seen.facts, seen.baseline).tolist()


def shares_covered(seed: int, *, blind: bool = False) -> list[float]:
    """Share of the true probabilities that the interval holds, of each fifth by estimate."""
    seen, _ = world(seed)
    now, true = world(1_000 + seed)
    model = settle(Verdict("learner", "better", 100, 30, {}), seen)
    found = (replace(model, unseen=0.0, bound=None) if blind else model).predict(
        now.facts, now.baseline
    )
    inside = (found.low <= true) & (true <= found.high)
    order = np.argsort(found.probability, kind="stable")
    return [float(part.mean()) for part in np.array_split(inside[order], 5)]


def test_nine_of_ten_true_probabilities_lie_in_their_intervals() -> None:
    share = np.mean([shares_covered(seed) for seed in range(10)], axis=0)
    assert 0.85 < share.mean() < 0.95
    assert share.min() > 0.9 - 0.12


def test_blind_to_terms_and_to_what_no_fact_shows_hardly_any_would() -> None:
    share = np.mean([shares_covered(seed, blind=True) for seed in range(4)], axis=0)
    assert share.mean() < 0.4


def test_what_lengths_of_contracts_leave_open_is_told() -> None:
    apart = own_ends(ShiftedBetaGeometric(0.7, 4.0), np.array([0.0, 24.0]), 3)
    alike = own_ends(ShiftedBetaGeometric(1e5, 1e6), np.array([0.0, 24.0]), 3)
    assert (apart.below > alike.below).all()
    assert np.ptp(alike.below) < 1e-9
    assert alike.above[0] == alike.below[0] == pytest.approx(1.645 * UNSEEN, rel=1e-3)
    found = ChurnModel("baseline", 0.2, -1.0, 0.0).predict(
        LATER.facts[:2], LATER.baseline[:2], apart
    )
    assert logit(found.probability) - logit(found.low) == pytest.approx(apart.below)
