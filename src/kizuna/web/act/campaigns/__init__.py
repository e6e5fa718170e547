"""Campaigns: messages to a segment, step by step, part of it left alone to see what they earn."""
