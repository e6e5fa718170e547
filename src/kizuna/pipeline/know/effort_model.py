"""What each driver weighs in effort: fitted to answers about issues, or documented."""

from __future__ import annotations

import pyarrow as pa

from kizuna.experience.effort import DOCUMENTED, DRIVERS, MOST, START
from kizuna.pipeline.know.effort_answers import chosen
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema


def effort_model(issues: pa.Table, responses: pa.Table, *, run: Run) -> pa.Table:
    """Give the weights, in log-odds."""
    model = chosen(issues, responses, run).choice.model
    columns = {
        "driver": ["start", *DRIVERS],
        "weight": [model.start, *model.weights],
        "documented": [START, *DOCUMENTED],
        "most": [1.0, *MOST],
    }
    return pa.table(columns, schema=arrow_schema("effort_model"))
