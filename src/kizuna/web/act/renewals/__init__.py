"""Renewals: what comes due, the steps before its deadline, and how likely it goes on."""
