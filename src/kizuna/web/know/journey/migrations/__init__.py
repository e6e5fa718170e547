"""Migrations of the journey."""
