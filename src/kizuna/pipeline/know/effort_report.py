"""How the weights of effort came about, and how they did on answers held out."""

from __future__ import annotations

import pyarrow as pa

from kizuna.experience.effort import NEEDED, NEEDED_EACH
from kizuna.pipeline.know.effort_answers import chosen
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema

KEPT = ("auc", "auc_low", "auc_high", "index_auc", "slope", "calibration_error")


def effort_report(issues: pa.Table, responses: pa.Table, *, run: Run) -> pa.Table:
    """Say what the weights rest on."""
    found = chosen(issues, responses, run)
    choice = found.choice
    row = {
        "source": "index" if choice.reason else "answers",
        "reason": choice.reason,
        "answers": choice.answers,
        "hard_answers": choice.hard,
        "needed": NEEDED,
        "needed_hard": NEEDED_EACH,
        "unmatched": found.unmatched,
        "bad_scale": found.bad_scale,
        "upside_down": choice.reason == "upside_down",
    }
    row |= {name: getattr(choice, name) for name in KEPT}
    return pa.Table.from_pylist([row], schema=arrow_schema("effort_report"))
