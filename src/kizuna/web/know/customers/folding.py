"""Text as search compares it: width, case and kana make no difference."""

from __future__ import annotations

from kizuna.web.know.profiles.folding import folded

__all__ = ["folded"]
