"""Writes: what customers and people do about consent."""
