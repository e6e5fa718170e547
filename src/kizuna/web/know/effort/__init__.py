"""Effort of customers, and service levels in open hours."""
