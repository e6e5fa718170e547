"""Customer lifetime value: models, data and value, with NumPy and SciPy alone."""

from kizuna.clv.models.gamma_gamma import GammaGamma

__all__ = ["GammaGamma"]
