"""One file per model."""

from kizuna.clv.models.bdw import BetaDiscreteWeibull
from kizuna.clv.models.bg_bb import BGBB
from kizuna.clv.models.bg_nbd import BGNBD
from kizuna.clv.models.gamma_gamma import GammaGamma
from kizuna.clv.models.mbg_nbd import MBGNBD
from kizuna.clv.models.pareto_nbd import ParetoNBD
from kizuna.clv.models.sbg import ShiftedBetaGeometric

PURCHASE_MODELS = (BGNBD, MBGNBD, ParetoNBD)
"""Repeat purchases in continuous time."""

DISCRETE_PURCHASE_MODELS = (BGBB,)
"""Repeat purchases at opportunities."""

SPEND_MODELS = (GammaGamma,)
RETENTION_MODELS = (ShiftedBetaGeometric, BetaDiscreteWeibull)
ALL_MODELS = (*PURCHASE_MODELS, *DISCRETE_PURCHASE_MODELS, *SPEND_MODELS, *RETENTION_MODELS)

__all__ = [
    "ALL_MODELS",
    "BGBB",
    "BGNBD",
    "DISCRETE_PURCHASE_MODELS",
    "MBGNBD",
    "PURCHASE_MODELS",
    "RETENTION_MODELS",
    "SPEND_MODELS",
    "BetaDiscreteWeibull",
    "GammaGamma",
    "ParetoNBD",
    "ShiftedBetaGeometric",
]
