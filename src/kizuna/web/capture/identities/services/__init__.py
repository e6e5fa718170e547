"""Writes: each checks, changes and records in one transaction."""
