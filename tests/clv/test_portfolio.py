"""The interval of a total: three errors, each checked alone, and the truth of CDNOW's holdout."""

from __future__ import annotations

from dataclasses import fields
from datetime import date

import numpy as np
import pytest

from data_sets import CALIBRATION_END, cdnow_sample_histories, requires_data
from kizuna.clv import BGNBD, Fit, GammaGamma, ParetoNBD, Purchases, Spend
from kizuna.clv import portfolio as pf
from kizuna.clv.protocols import PurchaseModel
from kizuna.clv.simulate import simulate_future, simulate_purchases
from kizuna.clv.value import fit_spend, plain_mean, residual_clv

BG = BGNBD(0.243, 4.414, 0.793, 2.426)
PARETO = ParetoNBD(0.553, 10.578, 0.606, 11.669)
GG = GammaGamma(6.25, 3.74, 15.44)


def known[M](model: M) -> Fit[M]:
    """An estimate without uncertainty."""
    size = len(fields(model))  # type: ignore[arg-type]
    return Fit(model, 0.0, np.zeros((size, size)), True, 1.0)


def customers(n: int = 800) -> tuple[Purchases, Spend]:
    rng = np.random.default_rng(5)
    p = simulate_purchases(BG, rng.integers(70, 400, n) / 7.0, rng)
    paid = rng.gamma(np.maximum(GG.p * p.x, 1e-9)) / rng.gamma(GG.q, 1 / GG.v, n)
    return p, Spend(p.x, paid / np.maximum(p.x, 1))


def interval[M: PurchaseModel](
    fit: Fit[M], spend_fit: Fit[GammaGamma], p: Purchases, s: Spend, **terms: object
) -> pf.Portfolio:
    chosen = {"horizon": 39.0, "discount": 0.0} | terms
    return pf.portfolio_interval(fit, spend_fit, p, s, **chosen)  # type: ignore[arg-type]


@pytest.mark.parametrize("model", [BG, PARETO])
def test_the_customers_own_randomness_is_that_of_simulated_futures(
    model: BGNBD | ParetoNBD,
) -> None:
    (p, s), rng = customers(), np.random.default_rng(6)
    totals = []
    for _ in range(600):
        count = simulate_future(model, p, 39.0, rng)
        rate = rng.gamma(GG.q + GG.p * p.x) / (GG.v + s.x * s.mean)
        paid = rng.gamma(np.maximum(GG.p * count, 1e-9)) / rate * (count > 0)
        totals.append((count.sum(), paid.sum()))
    result = interval(known(model), known(GG), p, s)
    simulated = np.std(totals, axis=0) / np.mean(totals, axis=0)
    own = result.purchases.customers, result.customer_equity.customers
    assert own == pytest.approx(simulated, rel=0.12)


def test_the_parameters_error_is_that_of_their_draws() -> None:
    p, s = customers()
    fit = BGNBD.fit(p)
    result = interval(fit, known(GG), p, s)
    drawn = fit.draws(400, np.random.default_rng(8))
    totals = residual_clv(drawn, GG, p, s, horizon=39.0, discount=0.0).expected_purchases.sum(1)
    assert result.purchases.parameters == pytest.approx(np.log(totals).std(), rel=0.15)


def test_the_uncertainty_of_spend_moves_money_alone() -> None:
    p, s = customers()
    result = interval(known(BG), fit_spend(s), p, s)
    assert result.purchases.parameters == 0
    assert result.customer_equity.parameters > 0.01


def test_a_plain_mean_is_as_sure_as_its_orders_make_it() -> None:
    p, s = customers()
    fit = plain_mean(s)
    result = interval(known(BG), fit, p, s)
    expected = fit.standard_errors["v"] / fit.model.v
    assert result.customer_equity.parameters == pytest.approx(expected, rel=1e-3)


@requires_data
def test_with_the_parameters_held_fixed_the_interval_of_cdnow_misses_the_truth() -> None:
    h = cdnow_sample_histories()
    own = interval(known(BG), known(GG), h.purchases, h.spend).purchases
    assert (own.low, own.high) == pytest.approx((1536, 1768), abs=8)
    assert own.high < h.holdout_purchases.sum()


@requires_data
def test_the_uncertainty_of_the_parameters_does_not_save_it() -> None:
    h = cdnow_sample_histories()
    result = interval(BGNBD.fit(h.purchases), fit_spend(h.spend), h.purchases, h.spend)
    assert result.purchases.high < h.holdout_purchases.sum()
    assert result.customer_equity.high < h.holdout_spend.sum()


def past_errors() -> list[float]:
    """Log of actual by predicted purchases, up to the holdout, from cut-offs within the history."""
    later, errors = cdnow_sample_histories(), []
    for cut in (date(1997, 5, 31), date(1997, 6, 30), date(1997, 7, 31)):
        h, weeks = cdnow_sample_histories(cut), (CALIBRATION_END - cut).days / 7
        expected = BGNBD.fit(h.purchases).model.expected_purchases(h.purchases, weeks)
        errors.append(np.log((later.purchases.x.sum() - h.purchases.x.sum()) / expected.sum()))
    return errors


@requires_data
def test_with_the_error_seen_in_back_tests_the_interval_of_cdnow_holds_the_truth() -> None:
    h, errors = cdnow_sample_histories(), past_errors()
    error = float(np.sqrt(np.mean(np.square(errors))))
    fits = BGNBD.fit(h.purchases), fit_spend(h.spend)
    terms = {"model_error": error, "back_tests": len(errors)}
    result = interval(*fits, h.purchases, h.spend, **terms)
    assert 0.02 < error < 0.15
    assert result.purchases.low < h.holdout_purchases.sum() < result.purchases.high
    assert result.customer_equity.low < h.holdout_spend.sum() < result.customer_equity.high


def test_each_error_widens_the_interval() -> None:
    parts = np.array([0.05, 0.04, 0.06])
    widths = [pf.log_interval(100.0, *parts[:k], *np.zeros(3 - k)) for k in range(4)]
    ratios = [w.high / w.low for w in widths]
    assert ratios[0] == 1
    assert (np.diff(ratios) > 0).all()
    assert np.log(ratios[3]) / 2 == pytest.approx(1.645 * np.sqrt((parts**2).sum()), rel=1e-3)


def test_few_back_tests_make_the_error_less_certain() -> None:
    widths = [pf.log_interval(1.0, 0, 0, 0.1, back_tests=n).high for n in (1, 3, 10)]
    assert widths == sorted(widths, reverse=True)
    assert widths[1] == pytest.approx(np.exp(0.1 * 2.3534), rel=1e-4)
    assert pf.log_interval(1.0, 0, 0, 0.1).high < widths[2]


def test_a_level_of_more_holds_more() -> None:
    narrow = pf.log_interval(100.0, 0.1, 0.1, 0.1, level=0.8)
    wide = pf.log_interval(100.0, 0.1, 0.1, 0.1, level=0.95)
    assert wide.low < narrow.low < 100 < narrow.high < wide.high


def test_money_may_have_an_error_of_its_own() -> None:
    p, s = customers(200)
    result = interval(known(BG), known(GG), p, s, model_error=0.1, value_error=0.3)
    assert (result.purchases.model, result.customer_equity.model) == (0.1, 0.3)


def test_a_weight_is_as_many_customers() -> None:
    p, s = customers(200)
    twice = Purchases(p.x, p.t_x, p.T, np.full(200, 2.0)), Spend(s.x, s.mean, np.full(200, 2.0))
    copies = p.take(np.tile(np.arange(200), 2)), s.take(np.tile(np.arange(200), 2))
    weighted, repeated = (
        interval(known(BG), known(GG), *rows, margin=0.3).customer_equity
        for rows in (twice, copies)
    )
    assert weighted.value == pytest.approx(repeated.value)
    assert weighted.customers == pytest.approx(repeated.customers, rel=1e-6)


def test_units_of_time_and_money_do_not_matter() -> None:
    p, s = customers()
    fits = BGNBD.fit(p), fit_spend(s)
    dear, daily = Spend(s.x, s.mean * 100), p.scaled(7.0)
    weeks = interval(*fits, p, s)
    days = interval(BGNBD.fit(daily), fit_spend(dear), daily, dear, horizon=273.0)
    assert days.purchases.low == pytest.approx(weeks.purchases.low, rel=1e-4)
    assert days.customer_equity.high == pytest.approx(100 * weeks.customer_equity.high, rel=1e-3)


def test_a_sample_of_customers_gives_nearly_the_same_gradient(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    p, s = customers(4000)
    fits = BGNBD.fit(p), fit_spend(s)
    whole = interval(*fits, p, s)
    monkeypatch.setattr(pf, "GRADIENT_ROWS", 1000)
    part = interval(*fits, p, s)
    assert part.purchases.parameters == pytest.approx(whole.purchases.parameters, rel=0.15)
    assert part.customer_equity.value == whole.customer_equity.value


def test_a_sample_of_customers_gives_nearly_the_same_luck(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    purchases = simulate_purchases(BGNBD(0.8, 6.0, 0.6, 3.0), np.full(40_000, 50.0), rng)
    spend = Spend(purchases.x, np.full(40_000, 30.0))
    fits = BGNBD.fit(purchases), plain_mean(spend)
    terms = {"horizon": 52.0, "discount": 0.0}
    whole = pf.portfolio_interval(*fits, purchases, spend, **terms).purchases
    monkeypatch.setattr(pf, "LUCK_ROWS", 10_000)
    part = pf.portfolio_interval(*fits, purchases, spend, **terms).purchases
    assert part.value == whole.value
    assert part.customers == pytest.approx(whole.customers, rel=0.03)


def test_no_customer_alive_is_a_total_of_nothing() -> None:
    gone = Purchases([90], [1], [5000]), Spend([90], [5])  # type: ignore[arg-type]
    result = interval(known(BG), known(GG), *gone, model_error=0.1)
    assert result.customer_equity.high == pytest.approx(0, abs=1e-6)


def test_a_wild_tail_of_spend_leaves_a_finite_error() -> None:
    p, s = customers(300)
    result = interval(known(BG), known(GammaGamma(6.0, 1.3, 3.0)), p, s)
    assert 0 < result.customer_equity.customers < 3
