"""Tasks: what people do for customers, in whose queue, by when, and what it took."""
