"""One file per model."""

from kizuna.clv.models.bg_nbd import BGNBD
from kizuna.clv.models.gamma_gamma import GammaGamma
from kizuna.clv.models.mbg_nbd import MBGNBD
from kizuna.clv.models.pareto_nbd import ParetoNBD

SPEND_MODELS = (GammaGamma,)

PURCHASE_MODELS = (BGNBD, MBGNBD, ParetoNBD)

__all__ = ["BGNBD", "MBGNBD", "PURCHASE_MODELS", "SPEND_MODELS", "GammaGamma", "ParetoNBD"]
