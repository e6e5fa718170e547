"""Migrations of service levels."""
