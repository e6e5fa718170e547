"""Customer lifetime value: models, data and value, with NumPy and SciPy alone."""

from kizuna.clv.models.bg_nbd import BGNBD
from kizuna.clv.models.gamma_gamma import GammaGamma
from kizuna.clv.models.mbg_nbd import MBGNBD
from kizuna.clv.models.pareto_nbd import ParetoNBD

__all__ = ["BGNBD", "MBGNBD", "GammaGamma", "ParetoNBD"]
