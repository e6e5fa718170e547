"""Imports: from a file or a database to the standard tables."""
