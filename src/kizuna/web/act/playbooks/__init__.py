"""Playbooks: what is done with customers step by step, from a trigger on."""
