"""The report: results in, one self-contained page out, in Japanese or English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pyarrow import Table

__all__ = ["render"]


def render(
    summary: Mapping[str, Any],
    tables: Mapping[str, Table],
    *,
    lang: Literal["en", "ja"] = "en",
) -> str:
    """Write the report of the value job as one HTML page that loads nothing from anywhere.

    Parameters
    ----------
    summary : the content of `summary.json`; missing parts are reported as not yet known.
    tables : tables by name, as in `docs/report.md`; a missing table is reported likewise.
    lang : language of every word, number, date and amount.
    """
    from kizuna.report.page import page

    return page(summary, tables, lang=lang)
