"""Alerts: what turned at a customer, told to whoever looks after her."""
