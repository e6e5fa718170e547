"""What is used to forecast churn, fitted to all days whose outcome is known."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from kizuna.experience.churn import Verdict, settle
from kizuna.pipeline.churn_tables import KINDS
from kizuna.pipeline.know.churn_data import Facts, Panel, baseline_now, days
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema


def churn_model(
    churn_panel: pa.Table,
    fact_panel: pa.Table,
    contract_spells: pa.Table,
    clv_model: pa.Table,
    churn_report: pa.Table,
    *,
    run: Run,
) -> pa.Table:
    """Fit what the report chose; no row where neither a model nor an outcome is there."""
    used = {row["kind"]: row for row in churn_report.to_pylist() if row["used"]}
    facts = Facts.of(churn_panel, fact_panel)
    rows = []
    for kind in [kind for kind in KINDS if kind in used]:
        panel = Panel.of(churn_panel, kind)
        now = baseline_now(kind, panel, contract_spells, clv_model, run)
        known = panel.known.to_learn()
        if now.name is None and not len(known):
            continue
        learnable = facts.learnable(known, panel.now(run))
        cases = known.cases(learnable, now.forecast(known), days(run.as_of))
        model = settle(_verdict(used[kind]), cases)
        rows.append(
            {
                "kind": kind,
                "model": model.used,
                "horizon_days": used[kind]["horizon_days"],
                "baseline": now.name,
                "baseline_parameters": now.parameters,
                "parameters": model.to_json(),
                "rows": len(known),
                "events": cases.events,
            }
        )
    return pa.Table.from_pylist(rows, schema=arrow_schema("churn_model"))


def _verdict(row: dict[str, Any]) -> Verdict:
    return Verdict(row["model"], row["reason"], row["events"], row["needed"], {}, row["off"] or 0.0)
