"""The value board: the first screen."""
