"""Patterns of paths: `*` is anything; one a line; none: every page."""

from __future__ import annotations

import re


def patterns(text: str) -> list[str]:
    """Give the patterns of a text."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def matches(text: str, path: str) -> bool:
    """Whether a path is meant."""
    found = patterns(text)
    return not found or any(_meant(one, path) for one in found)


def _meant(pattern: str, path: str) -> bool:
    written = ".*".join(re.escape(part) for part in re.split(r"\*+", pattern))
    return re.fullmatch(written, path, re.DOTALL) is not None
