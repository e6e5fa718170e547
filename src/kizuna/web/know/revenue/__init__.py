"""Recurring revenue of contracts."""
