"""Scores of surveys by wave, with intervals, response rates, and the change since the wave before.

Customers of no known value or segment are a part of their own. A score of fewer than five answers
is not told. Of parts, no change is told: there would be one by chance in every table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from kizuna.experience.surveys import Score, change, mean, nps, share
from kizuna.pipeline.tables import arrow_schema

if TYPE_CHECKING:
    from kizuna.pipeline.parameters import Run

type Row = dict[str, Any]

KEPT = ("survey_no", "wave_no", "cut", "part", "kind", "first_on", "asked", "answered")
ORDER = ("survey_no", "cut", "part", "wave_no")


def survey_scores(survey_counts: pa.Table, *, run: Run) -> pa.Table:
    """A row for each wave and part."""
    del run  # nothing of it is needed: the counts are of its last day
    rows: list[Row] = []
    before: dict[tuple[int, str], Score] = {}
    for counts in sorted(survey_counts.to_pylist(), key=lambda row: [row[k] for k in ORDER]):
        score = _score(counts)
        row = {name: counts[name] for name in KEPT}
        row |= _told("rate", share(counts["answered"], counts["asked"])) | _told("score", score)
        row["agree"] = _agree(counts)
        if counts["cut"] == "all":
            former = before.get((counts["survey_no"], counts["kind"]))
            row |= _told("change", change(score, former) if score and former else None)
            if score:
                before[counts["survey_no"], counts["kind"]] = score
        rows.append(row)
    return pa.Table.from_pylist(rows, schema=arrow_schema("survey_scores"))


def _score(counts: Row) -> Score | None:
    n = counts["scored"]
    if counts["kind"] == "nps":
        return nps(counts["low"], n - counts["low"] - counts["top"], counts["top"])
    if counts["kind"] == "csat":
        return share(counts["top"], n)
    return mean(n, counts["total"], counts["squares"])


def _agree(counts: Row) -> float | None:
    found = share(counts["top"], counts["scored"]) if counts["kind"] == "ces" else None
    return None if found is None else found.estimate


def _told(name: str, score: Score | None) -> Row:
    if score is None:
        return {}
    return {name: score.estimate, f"{name}_low": score.low, f"{name}_high": score.high}
