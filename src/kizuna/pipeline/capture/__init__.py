"""Capture: what customers did, read from outside and checked."""
