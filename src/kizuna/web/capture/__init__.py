"""Capture: bring history in."""
