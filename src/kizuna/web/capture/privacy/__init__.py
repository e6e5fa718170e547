"""Requests of customers about their own data: erasure and access."""
