"""The demo: an installation of its own, filled with the simulated company, signed in by a link."""
