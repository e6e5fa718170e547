"""Surveys: questions in the official wordings, asked in waves, answered by signed links."""
