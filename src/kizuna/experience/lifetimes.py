"""How long contracts last, of which no fact is known: the baseline that a learner has to beat."""

from __future__ import annotations

import numpy as np
from scipy.special import betaincinv

from kizuna.clv.data import Contracts
from kizuna.clv.models import BetaDiscreteWeibull, ShiftedBetaGeometric
from kizuna.clv.own_rates import TAILS, Own
from kizuna.clv.protocols import RetentionModel
from kizuna.experience.calibration import FloatArray, log_odds
from kizuna.experience.churn import UNSEEN, Z


def survival_model(contracts: Contracts) -> RetentionModel:
    """Give sBG, or BdW where it explains the lengths clearly better (AIC)."""
    plain, bent = ShiftedBetaGeometric.fit(contracts), BetaDiscreteWeibull.fit(contracts)
    return bent.model if bent.aic < plain.aic - 2.0 else plain.model


def ends_within(model: RetentionModel, periods: FloatArray, horizon: int) -> FloatArray:
    """Probability of ending within `horizon` periods, of those that have lasted `periods`."""
    now = np.maximum(model.survival(periods), 1e-300)
    lost: FloatArray = 1.0 - model.survival(periods + horizon) / now
    return np.clip(lost, 0.0, 1.0)


def own_ends(
    model: ShiftedBetaGeometric | BetaDiscreteWeibull, periods: FloatArray, horizon: int
) -> Own:
    """How far each one's own probability of `ends_within` may lie from it, in log-odds.

    The churn probability of those who lasted so long follows a beta distribution. Where the model
    finds that all are alike, which lengths alone can hardly tell, `UNSEEN` is the least.
    """
    power = model.c if isinstance(model, BetaDiscreteWeibull) else 1.0
    steps = (periods + horizon) ** power - periods**power
    middle = log_odds(ends_within(model, periods, horizon))
    ends = betaincinv(model.alpha, model.beta + periods**power, np.array(TAILS)[:, None])
    low, high = log_odds(-np.expm1(steps * np.log1p(-ends)))
    return Own(np.maximum(middle - low, Z * UNSEEN), np.maximum(high - middle, Z * UNSEEN))
