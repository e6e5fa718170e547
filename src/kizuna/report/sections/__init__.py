"""The parts of the page, from top to bottom; one file a section, one function each."""

from __future__ import annotations

from collections.abc import Callable

from kizuna.report.blocks import Section
from kizuna.report.material import Material
from kizuna.report.sections import (
    back_test,
    changes,
    concentration,
    customers,
    definitions,
    factors,
    findings,
    ltv,
    notes,
    rejected,
    repeat,
    repurchase,
    retention,
    segments,
    story,
    truth,
)

SECTIONS: tuple[Callable[[Material], Section | None], ...] = (
    findings.section,
    truth.section,
    changes.section,
    ltv.section,
    retention.section,
    repurchase.section,
    concentration.section,
    back_test.section,
    segments.section,
    factors.section,
    story.section,
    customers.section,
    notes.section,
    rejected.section,
    definitions.section,
    repeat.section,
)
"""In reading order; only `truth` may give None, for a company whose truth nobody knows."""
