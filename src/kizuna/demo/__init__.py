"""A simulated company whose truth is known."""

from kizuna.demo.behaviour import Truth
from kizuna.demo.company import DemoCompany, simulate_company

__all__ = ["DemoCompany", "Truth", "simulate_company"]
