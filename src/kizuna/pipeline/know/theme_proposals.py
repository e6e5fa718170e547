"""Themes proposed for the comments of the last 365 days that no theme explains."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from kizuna.experience.voice.dictionary import OTHER
from kizuna.experience.voice.proposals import proposals
from kizuna.experience.voice.tokens import reader, tokens
from kizuna.pipeline.tables import arrow_schema

if TYPE_CHECKING:
    from kizuna.pipeline.parameters import Run

MOST = 20_000
"""Comments looked at, the latest."""


def theme_proposals(comments: pa.Table, comment_themes: pa.Table, *, run: Run) -> pa.Table:
    """A row a proposal; none without the extra that reads text, or where comments are too few."""
    schema = arrow_schema("theme_proposals")
    unexplained = {
        row["comment_id"]
        for row in comment_themes.to_pylist()
        if row["theme"] == OTHER and row["recent"] and row["found_by"] != "person"
    }
    said = [row for row in comments.to_pylist() if row["comment_id"] in unexplained]
    said = sorted(said, key=lambda row: (row["said_on"], row["comment_id"]))[-MOST:]
    if reader() != "words":
        return schema.empty_table()
    try:
        found = proposals([tokens(row["text"], "words") for row in said], run.seed)
    except ImportError:
        return schema.empty_table()
    rows = [
        {
            "place": place,
            "words": "|".join(proposal.words),
            "comments": proposal.comments,
            "examples": "|".join(said[at]["comment_id"] for at in proposal.examples),
        }
        for place, proposal in enumerate(found, start=1)
    ]
    return pa.Table.from_pylist(rows, schema=schema)
