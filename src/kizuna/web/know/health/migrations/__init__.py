"""Migrations of health."""
