"""Find the issues that customers were asked about, and what they said of the effort."""

from __future__ import annotations

import zlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kizuna.experience.effort import DRIVERS, Choice, choose
from kizuna.pipeline.parameters import Run

type Row = dict[str, Any]

KINDS = ("ces", "ces1")
AFTER = timedelta(days=7)
"""An answer that names no case is about the customer's latest contact up to so long before it."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The weights, and what of the answers could not be used."""

    choice: Choice
    unmatched: int
    bad_scale: int


def chosen(issues: pa.Table, responses: pa.Table, run: Run) -> Chosen:
    """Choose weights by the answers up to the last day observed."""
    asked = responses.filter(pc.is_in(responses["kind"], pa.array(KINDS)))
    end = datetime.combine(run.as_of, datetime.min.time()) + timedelta(days=1)
    answers = [row for row in asked.to_pylist() if row["answered_at"] < end]
    said = {row["response_id"]: _hard(row) for row in answers}
    known = _issues_of(issues, {row["customer_id"] for row in answers})
    pairs = [(_about(r, known[r["customer_id"]]), said[r["response_id"]], r) for r in answers]
    used = [(issue, hard, r) for issue, hard, r in pairs if issue is not None and hard is not None]
    counts = np.array([[float(i[d]) for d in DRIVERS] for i, _, _ in used]).reshape(
        -1, len(DRIVERS)
    )
    hard = np.array([h for _, h, _ in used], bool)
    # a number for each customer that does not depend on who else answered
    whose = np.array([zlib.crc32(r["customer_id"].encode()) for _, _, r in used], np.int64)
    bad = sum(hard is None for hard in said.values())
    unmatched = sum(issue is None for issue, _, _ in pairs)
    return Chosen(choose(counts, hard, whose, seed=run.seed), unmatched, bad)


def _hard(answer: Row) -> bool | None:
    """Tell whether an answer lies in the harder half of its scale; None: the scale is unusable."""
    low, high, score = answer["scale_low"], answer["scale_high"], answer["score"]
    if score is None or low is None or high is None or low >= high or not low <= score <= high:
        return None
    share = (score - low) / (high - low)
    return bool(share >= 0.5 if answer["kind"] == "ces1" else share <= 0.5)


def _issues_of(issues: pa.Table, customers: set[str]) -> dict[str, list[Row]]:
    """Give the issues of customers, by customer, in the order of their last contacts."""
    some = issues.filter(pc.is_in(issues["customer_id"], pa.array(sorted(customers), pa.string())))
    found: dict[str, list[Row]] = defaultdict(list)
    wanted = ["customer_id", "issue_id", "started_at", "last_at", *DRIVERS]
    for row in some.select(wanted).sort_by("last_at").to_pylist():
        found[row["customer_id"]].append(row)
    return found


def _about(answer: Row, issues: list[Row]) -> Row | None:
    if answer["case_id"]:
        return next((i for i in issues if i["issue_id"] == answer["case_id"]), None)
    at = answer["answered_at"]
    return next(
        (i for i in reversed(issues) if i["started_at"] <= at <= i["last_at"] + AFTER), None
    )
