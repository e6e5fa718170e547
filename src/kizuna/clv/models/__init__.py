"""One file per model."""

from kizuna.clv.models.gamma_gamma import GammaGamma

SPEND_MODELS = (GammaGamma,)

__all__ = ["SPEND_MODELS", "GammaGamma"]
