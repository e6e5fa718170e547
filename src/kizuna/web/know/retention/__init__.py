"""Retention: what is kept, renewed and won back, what it costs, and what is at risk."""
