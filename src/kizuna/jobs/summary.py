"""The summary of the value job: what `summary.json` holds, key by key as in `docs/value.md`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any

from kizuna import __version__
from kizuna.clv.portfolio import Portfolio, PortfolioInterval
from kizuna.clv.scores import Candidate
from kizuna.jobs.evidence import Evidence, Holdout
from kizuna.jobs.messages import Message
from kizuna.jobs.options import ValueOptions
from kizuna.pipeline.capture.amounts import NO_CURRENCY
from kizuna.pipeline.capture.notes import TEXTS
from kizuna.pipeline.capture.orders import OrdersRead
from kizuna.pipeline.capture.truncation import TEXTS as TRUNCATION
from kizuna.pipeline.capture.truncation import LeftTruncation
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.know.clv_model import fit_of
from kizuna.pipeline.run import Run
from kizuna.report.language import Language

MEASURES = ("rmse", "mae", "bias", "gini", "coverage_90")


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """All that the summary is written from."""

    engine: Engine
    options: ValueOptions
    run: Run
    orders: OrdersRead
    truncation: LeftTruncation
    evidence: Evidence
    total: Portfolio | None

    @property
    def messages(self) -> list[Message]:
        """Warnings: of the reading, of the models, of the value."""
        read = [Message(TEXTS[note.code], dict(note.values)) for note in self.orders.notes]
        return [*self._truncation(), *self.evidence.notes, *read]

    def _truncation(self) -> list[Message]:
        if self.truncation.verdict not in {"truncated", "cohort"}:
            return []
        mood = "serious" if self.truncation.verdict == "truncated" else "caution"
        return [Message(TRUNCATION[self.truncation.verdict], dict(self.truncation.values), mood)]

    def summary(self) -> dict[str, Any]:
        """Write the summary, its sentences in the language of the options."""
        say = Language(self.options.lang, self._currency())
        spoken = {
            "warnings": [message.said(say) for message in self.messages],
            "choice": self._choice() | {"reason": self.evidence.reason.said(say)},
        }
        return self._facts() | spoken

    def material(self) -> dict[str, Any]:
        """Write the same with sentences and their values apart, for the report."""
        raw = {
            "warnings": [message.record() for message in self.messages],
            "choice": self._choice() | {"reason": self.evidence.reason.record()},
        }
        return self._facts() | raw

    def _facts(self) -> dict[str, Any]:
        models = {row["role"]: row for row in self.engine.table("clv_model").to_pylist()}
        holdout = self.evidence.holdout
        kept = {} if holdout is None else {"holdout": self._holdout(holdout)}
        return {
            "version": __version__,
            "rows_read": self.orders.rows_read,
            "rows_rejected": {k: v for k, v in self.orders.rejected.items() if v},
            "customers": self.engine.count("purchases"),
            "orders": self._orders(),
            "first_day": self.orders.first_day.isoformat(),
            "as_of": self.run.as_of.isoformat(),
            "period": self.run.period,
            "horizon_days": self.run.horizon_days,
            "model": self._model(models.get("calendar")),
            "correction": self._correction(models.get("purchases")),
            "spend_model": self._model(models.get("spend")),
            "candidates": _candidates(holdout.test.candidates if holdout else ()),
            **self._uncorrected(),
            **kept,
            "customer_equity": _interval(self.total.customer_equity if self.total else None),
            "expected_purchases": _interval(self.total.purchases if self.total else None),
            "currency": self._currency(),
            "options": self._options(),
            "columns_guessed": dict(self.orders.columns),
        }

    def _uncorrected(self) -> dict[str, Any]:
        holdout = self.evidence.holdout
        if holdout is None or all(report.pace.steady for report in holdout.test.paces.values()):
            return {}
        return {"candidates_uncorrected": _candidates(holdout.test.plain)}

    def _orders(self) -> int:
        counted = self.engine.query("SELECT sum(orders) AS n FROM order_history")["n"][0].as_py()
        return int(counted or 0)

    def _currency(self) -> str | None:
        return None if self.orders.currency == NO_CURRENCY else self.orders.currency

    def _model(self, row: dict[str, Any] | None) -> dict[str, Any] | None:
        """Name, parameters and fit of a model; money in major units, time in periods."""
        if row is None:
            return None
        fit = fit_of(row)
        return {
            "name": row["name"],
            "parameters": fit.parameters,
            "standard_errors": fit.standard_errors,
            "log_likelihood": fit.log_likelihood,
            "unit": self.run.period,
            "customers": round(fit.n),
        }

    def _correction(self, row: dict[str, Any] | None) -> dict[str, Any] | None:
        """Say how the model's clock differs from the calendar; None where it does not."""
        if row is None or row["pace_lift"] == 0:
            return None
        return {
            "kind": "pace",
            "lift": row["pace_lift"],
            "fade": row["pace_fade"],
            "parameters": fit_of(row).parameters,
            "log_likelihood": row["log_likelihood"],
            "evidence": self._evidence_of_pace(),
        }

    def _evidence_of_pace(self) -> dict[str, Any] | None:
        holdout = self.evidence.holdout
        report = holdout.test.paces[holdout.test.choice.name] if holdout else None
        if report is None or report.estimate is None:
            return None
        estimate = report.estimate
        return {
            "gain": estimate.gain,
            "price": estimate.price,
            "gains_at_earlier_cut_offs": list(report.gains),
        }

    def _choice(self) -> dict[str, Any]:
        holdout = self.evidence.holdout
        choice = holdout.test.choice if holdout else None
        criteria = [asdict(c) for c in choice.criteria] if choice else []
        beaten = [asdict(b) for b in choice.beaten_by] if choice else []
        return {
            "criteria": criteria,
            "decided_by": choice.decided_by if choice else None,
            "beaten_by": beaten,
            "for_churn": choice.for_churn if choice else None,
        }

    def _holdout(self, holdout: Holdout) -> dict[str, Any]:
        name = holdout.test.choice.name
        chosen = next(c for c in holdout.test.candidates if c.name == name)
        cut, total = holdout.kept.cut, holdout.total
        fit = holdout.test.chosen.fit
        spent = None if cut.actual_spend is None else float(cut.weights @ cut.actual_spend)
        return {
            "model": {
                "name": name,
                "parameters": fit.parameters,
                "log_likelihood": fit.log_likelihood,
                "unit": self.run.period,
            },
            "start": holdout.start.isoformat(),
            "end": holdout.end.isoformat(),
            "customers": round(cut.purchases.n),
            "actual_purchases": round(cut.actual_purchases),
            "predicted_purchases": chosen.predicted_purchases,
            "predicted_low": total.purchases.low if total else None,
            "predicted_high": total.purchases.high if total else None,
            "actual_spend": spent,
            "predicted_spend": chosen.predicted_spend,
            "errors": _interval(total.purchases if total else None),
        }

    def _options(self) -> dict[str, Any]:
        names = [f.name for f in fields(self.options)]
        values = {name: getattr(self.options, name) for name in names}
        return {name: _plain(value) for name, value in values.items()}


def _candidates(found: Iterable[Candidate]) -> list[dict[str, Any]]:
    more = ("log_score", "slope", "predicted_purchases", "predicted_spend")
    return [{"name": c.name} | {m: getattr(c, m) for m in MEASURES + more} for c in found]


def _interval(interval: PortfolioInterval | None) -> dict[str, float | None]:
    """Write a total with its bounds and the three errors behind them."""
    if interval is None:
        return {"value": None, "low": None, "high": None}
    return asdict(interval)


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if hasattr(value, "isoformat") else value
