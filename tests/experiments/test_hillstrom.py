"""The e-mail test of Hillstrom (2008) comes out to the digit: contrasts, ratios, returns."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.special import expit

from data_sets import hillstrom, requires_data
from kizuna.experiments.effect import Effect, effect
from kizuna.experiments.moments import Moments
from kizuna.experiments.ranking import effect_of_first, ranking
from kizuna.experiments.roi import known_cost
from kizuna.experiments.srm import sample_ratio
from kizuna.experiments.uplift import Uplift

pytestmark = requires_data
ARMS = {"men": "Mens E-Mail", "women": "Womens E-Mail", "none": "No E-Mail"}


@cache
def column(name: str) -> np.ndarray:
    return np.asarray(hillstrom()[name])


def rows(arm: str) -> np.ndarray:
    return column("segment") == ARMS[arm] if arm != "any" else column("segment") != "No E-Mail"


def moments(arm: str, outcome: str, *covariates: str, where: str | None = None) -> Moments:
    some = rows(arm) & (column(where) == 1 if where else True)
    return Moments.of(*(column(name)[some] for name in (outcome, *covariates)))


def contrast(outcome: str, arm: str, against: str = "none") -> Effect:
    """As in the papers: plain means, each arm with its own variance."""
    return effect(moments(arm, outcome), moments(against, outcome), variance="own")


@pytest.mark.parametrize(
    ("arm", "n", "visits", "conversions", "spend", "squares", "variance"),
    [
        ("men", 21_307, 3_894, 267, 30_311.69, 6_759_024, 315.2118),
        ("women", 21_387, 3_238, 189, 23_038.11, 4_911_447, 228.4967),
        ("none", 21_306, 2_262, 122, 13_908.33, 2_870_050, 134.2864),
    ],
)
def test_arms_are_as_published(
    arm: str, n: int, visits: int, conversions: int, spend: float, squares: float, variance: float
) -> None:
    found = moments(arm, "spend")
    assert (found.n, moments(arm, "visit").mean[0] * n) == (n, pytest.approx(visits))
    assert moments(arm, "conversion").mean[0] * n == pytest.approx(conversions)
    assert found.mean[0] * n == pytest.approx(spend, abs=0.005)
    assert found.scatter[0, 0] + n * found.mean[0] ** 2 == pytest.approx(squares, abs=0.5)
    assert found.variance == pytest.approx(variance, abs=5e-5)


@pytest.mark.parametrize(
    ("arm", "outcome", "difference", "error", "z", "relative"),
    [
        ("men", "visit", 0.07659, 0.00339, 22.62, 0.721),
        ("men", "conversion", 0.006805, 0.000921, 7.39, 1.188),
        ("men", "spend", 0.7698, 0.1452, 5.30, 1.179),
        ("women", "visit", 0.04523, 0.00323, 13.99, 0.426),
        ("women", "conversion", 0.003111, 0.000823, 3.78, 0.543),
        ("women", "spend", 0.4244, 0.1303, 3.26, 0.650),
        ("any", "spend", 0.5968, 0.1126, 5.30, 0.914),
    ],
)
def test_contrasts_are_as_published(
    arm: str, outcome: str, difference: float, error: float, z: float, relative: float
) -> None:
    found = contrast(outcome, arm)
    digit = 10.0 ** -(len(f"{error:g}") - 2) / 2 * 1.001
    assert found.difference == pytest.approx(difference, abs=digit)
    assert found.error == pytest.approx(error, abs=digit)
    # shares were published with n, not n - 1, in their variance
    assert found.z == pytest.approx(z, abs=0.0055)
    share = found.relative()
    assert share
    # the published shares are of rounded rates
    assert share.estimate == pytest.approx(relative, abs=6e-4)


@pytest.mark.parametrize(
    ("outcome", "difference", "relative"),
    [("visit", 0.06088, 0.574), ("conversion", 0.004955, 0.865)],
)
def test_any_mail_against_none(outcome: str, difference: float, relative: float) -> None:
    found = contrast(outcome, "any")
    assert found.difference == pytest.approx(difference, abs=5.01e-6)
    share = found.relative()
    assert share
    assert share.estimate == pytest.approx(relative, abs=6e-4)


@pytest.mark.parametrize(
    ("outcome", "difference", "z"),
    [("visit", 0.03136, 8.69), ("conversion", 0.00369, 3.71), ("spend", 0.3454, 2.16)],
)
def test_men_against_women(outcome: str, difference: float, z: float) -> None:
    found = contrast(outcome, "men", "women")
    assert found.difference == pytest.approx(difference, abs=5.01e-5)
    assert found.z == pytest.approx(z, abs=0.00501)


@pytest.mark.parametrize(
    ("arm", "low", "high"), [("men", 0.4851, 1.0545), ("women", 0.1690, 0.6799)]
)
def test_intervals_of_money(arm: str, low: float, high: float) -> None:
    found = contrast("spend", arm).interval(0.95)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-4)


def test_drawing_variances_together_changes_next_to_nothing_in_arms_this_large() -> None:
    found = effect(moments("men", "spend"), moments("none", "spend"))
    assert found.error == pytest.approx(contrast("spend", "men").error, rel=0.003)


def test_the_arms_are_as_large_as_they_were_to_be() -> None:
    found = sample_ratio([int(rows(arm).sum()) for arm in ARMS], [1, 1, 1])
    assert found.chi_squared == pytest.approx(0.2025, abs=5e-5)
    assert found.p == pytest.approx(0.904, abs=5e-4)
    assert found.holds


@pytest.mark.parametrize(("outcome", "removed"), [("spend", 0.0004), ("visit", 0.004)])
def test_a_covariate_that_is_of_no_use_is_reported_as_such(outcome: str, removed: float) -> None:
    arms = moments("men", outcome, "history"), moments("none", outcome, "history")
    assert effect(*arms).variance_removed == pytest.approx(removed, rel=0.35)


@pytest.mark.parametrize(
    ("who", "difference", "error"), [("womens", 0.0731, 0.0046), ("mens", 0.0218, None)]
)
def test_buyers_of_a_line_are_moved_by_its_mail(
    who: str, difference: float, error: float | None
) -> None:
    arms = moments("women", "visit", where=who), moments("none", "visit", where=who)
    found = effect(*arms, variance="own")
    assert found.difference == pytest.approx(difference, abs=5.01e-5)
    assert error is None or found.error == pytest.approx(error, abs=5.01e-5)


@pytest.mark.parametrize(("arm", "roi"), [("men", 2.079), ("women", 0.698)])
def test_returns_on_mails(arm: str, roi: float) -> None:
    margin = contrast("spend", arm).scaled(0.4)
    found = known_cost(margin.interval(), margin.treated, 0.10)
    assert found.roi
    assert found.roi.estimate == pytest.approx(roi, abs=5.01e-4)
    assert found.net.estimate == pytest.approx(found.cost * found.roi.estimate)
    assert found.roi.low < roi < found.roi.high


@pytest.fixture(scope="module")
def women() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Facts, who was mailed, who visited, and which half is learned from."""
    some = rows("women") | rows("none")
    history = np.array([int(str(text)[0]) for text in column("history_segment")])
    places = [column("zip_code") == p for p in ("Rural", "Surburban")]
    channels = [column("channel") == c for c in ("Phone", "Web")]
    plain = [column(name) for name in ("recency", "mens", "womens", "newbie")]
    facts = np.column_stack([history, *plain, *places, *channels])[some].astype(float)
    half = np.random.default_rng(42).random(some.sum()) >= 0.5
    return facts, rows("women")[some], column("visit")[some].astype(float), half


def logistic(facts: np.ndarray, happened: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Probabilities of a plain logistic regression, by Newton's method."""
    X = np.column_stack([np.ones(len(facts)), facts])
    beta = np.zeros(X.shape[1])
    for _ in range(10):
        p = expit(X @ beta)
        beta += np.linalg.solve((X * (p * (1 - p))[:, None]).T @ X, X.T @ (happened - p))
    return expit(np.column_stack([np.ones(len(at)), at]) @ beta)


def test_areas_of_one_ranking_go_by_three_names_with_three_values(
    women: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> None:
    facts, mailed, visited, half = women
    with_it, without = (
        logistic(facts[half & arm], visited[half & arm], facts[~half]) for arm in (mailed, ~mailed)
    )
    mail, visit = mailed[~half], visited[~half]
    found = ranking(with_it - without, mail, visit)
    assert found.qini == pytest.approx(0.0693, abs=5.01e-5)
    assert found.uplift == pytest.approx(0.0319, abs=2e-4)
    assert found.area_per_treated == pytest.approx(0.00826, abs=5.01e-6)
    first, others = effect_of_first(with_it - without, mail, visit, 0.3)
    assert (first, others) == pytest.approx((0.0783, 0.0299), abs=1.5e-3)


def test_a_ranking_by_chance_has_an_area_of_about_nothing(
    women: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> None:
    _, mailed, visited, half = women
    drawn = np.random.default_rng(1).random(len(mailed))
    found = ranking(drawn[~half], mailed[~half], visited[~half])
    assert abs(found.area_per_treated) < 0.0030


def test_a_learner_that_foresees_differences_says_so(
    women: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> None:
    facts, mailed, visited, half = women
    found = Uplift.fit(facts[half], mailed[half], visited[half], 0.5)
    assert found.differs
    assert found.average == pytest.approx(0.045, abs=0.01)
    mine = ranking(found.effect(facts[~half]), mailed[~half], visited[~half])
    assert mine.area_per_treated > 0.0060
