"""Customers: list, search, one customer's page."""
