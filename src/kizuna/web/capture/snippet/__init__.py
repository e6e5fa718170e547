"""The script for pages: which sites carry it, what it sends there, and what visitors are told."""
