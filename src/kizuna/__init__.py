"""Kizuna: know what every customer is worth, act to raise it, prove that it worked."""

__version__ = "0.1.0"
