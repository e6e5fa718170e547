"""Health of customers: the portfolio, one customer, ratings, overrides, and the terms."""
