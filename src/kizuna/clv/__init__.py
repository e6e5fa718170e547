"""Customer lifetime value: models, data and value, with NumPy and SciPy alone."""

from kizuna.clv.data import Contracts, Purchases, Spend
from kizuna.clv.fitting import Fit
from kizuna.clv.models.bdw import BetaDiscreteWeibull
from kizuna.clv.models.bg_bb import BGBB
from kizuna.clv.models.bg_nbd import BGNBD
from kizuna.clv.models.gamma_gamma import GammaGamma
from kizuna.clv.models.mbg_nbd import MBGNBD
from kizuna.clv.models.pareto_nbd import ParetoNBD
from kizuna.clv.models.sbg import ShiftedBetaGeometric

__all__ = [
    "BGBB",
    "BGNBD",
    "MBGNBD",
    "BetaDiscreteWeibull",
    "Contracts",
    "Fit",
    "GammaGamma",
    "ParetoNBD",
    "Purchases",
    "ShiftedBetaGeometric",
    "Spend",
]
