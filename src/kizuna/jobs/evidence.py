"""Which model to trust, and how far: found by cutting the history and forecasting its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import pyarrow as pa

from kizuna.clv.back_test import BackTest, back_test, earlier_cut_offs
from kizuna.clv.fitting import Fit
from kizuna.clv.pace import Fitter
from kizuna.clv.portfolio import Portfolio
from kizuna.clv.protocols import PurchaseModel
from kizuna.clv.scores import Candidate, Cut
from kizuna.clv.totals import ModelError, PastTotal, model_error
from kizuna.jobs.cuts import DAYS, SpendingCut, cut, cut_with_spend, sampled
from kizuna.jobs.messages import Message, words
from kizuna.jobs.options import ValueOptions
from kizuna.jobs.pictures import of_holdout
from kizuna.jobs.portfolios import total_at
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.errors import InputError
from kizuna.pipeline.know.clv_model import MODEL_TYPES, purchases_of
from kizuna.pipeline.run import Run, discover, execute, select

PATTERN = ("frequency", "recency", "age")
FEWEST_CUSTOMERS = 50
FEWEST_REPEATERS = 20
LIKELIHOOD_TIE = 2.0
FEWEST_DAYS = 28
"""Shortest holdout, and shortest history before it."""


@dataclass(frozen=True, slots=True, eq=False)
class Holdout:
    """The part of the history that was kept back, and how the chosen model did on it."""

    start: date
    end: date
    kept: SpendingCut
    test: BackTest
    total: Portfolio | None


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What is known of the models.

    Attributes
    ----------
    model : name of the purchase model to use; None where there is too little data.
    paced : whether its clock runs faster while customers are new.
    reason : why this model.
    model_error : error of totals beyond luck and parameters.
    value_error : the same for money, where the holdout shows it to be larger.
    holdout : None where nothing was kept back.
    tables : the report's pictures of the holdout.
    notes : what a reader must know.

    """

    model: str | None
    paced: bool
    reason: Message
    model_error: ModelError
    value_error: float = 0.0
    holdout: Holdout | None = None
    tables: Mapping[str, pa.Table] = field(default_factory=dict)
    notes: tuple[Message, ...] = ()


def gather(engine: Engine, options: ValueOptions, run: Run, first_day: date) -> Evidence:
    """Back-test the models on the end of the history; needs `DAYS` in the engine."""
    start, notes = holdout_start(options, first_day, run.as_of)
    if start is None:
        return _untested(engine, options, run, notes)
    kept = cut_with_spend(engine, run, start - timedelta(days=1), run.as_of)
    if not enough(kept.cut):
        note = Message(words("The history before the holdout is too short for a back-test."))
        return _untested(engine, options, run, (*notes, note))
    earlier = _earlier_cuts(engine, run, first_day, start - timedelta(days=1))
    test = back_test(kept.cut, earlier, _fitters(options))
    return _tested(engine, run, test, kept, (start, run.as_of))


def holdout_start(
    options: ValueOptions, first_day: date, last_day: date
) -> tuple[date | None, tuple[Message, ...]]:
    """Choose the first day of the holdout: the second half of the log, at most the horizon.

    Raises
    ------
    InputError
        When a day was asked for that lies outside the log.

    """
    if options.holdout is None:
        return None, ()
    if options.holdout != "auto":
        if first_day < options.holdout <= last_day:
            return options.holdout, ()
        raise InputError(
            f"--holdout {options.holdout} is outside the log; choose a day after {first_day} "
            f"and up to {last_day}."
        )
    days = (last_day - first_day).days
    if days < 2 * FEWEST_DAYS:
        return None, (Message(words("The log is too short for a holdout."), mood="serious"),)
    half = first_day + timedelta(days=(days + 1) // 2)
    return max(half, last_day - timedelta(days=options.horizon_days - 1)), ()


def enough(cut: Cut) -> bool:
    """Whether histories suffice for a model of four parameters."""
    repeaters = float(cut.weights[cut.purchases.x > 0].sum())
    return cut.purchases.n >= FEWEST_CUSTOMERS and repeaters >= FEWEST_REPEATERS


def _fitters(options: ValueOptions) -> dict[str, Fitter]:
    names = MODEL_TYPES if options.model == "auto" else [options.model]
    return {name: MODEL_TYPES[name].fit for name in names}


def _earlier_cuts(engine: Engine, run: Run, first_day: date, last_day: date) -> list[Cut]:
    """Cut the log earlier still, following customers up to the holdout and no further."""
    with sampled(engine) as part:
        days = earlier_cut_offs((last_day - first_day).days)
        cuts = [cut(part, run, first_day + timedelta(days=d), last_day) for d in days]
    return [c for c in cuts if enough(c)]


def _tested(
    engine: Engine, run: Run, test: BackTest, kept: SpendingCut, days: tuple[date, date]
) -> Evidence:
    name = test.choice.name
    chosen = next(c for c in test.candidates if c.name == name)
    seen = PastTotal(kept.cut.horizon, chosen.predicted_purchases, kept.cut.actual_purchases)
    return Evidence(
        model=name,
        paced=not test.chosen.pace.steady,
        reason=_reason(test),
        model_error=model_error([*test.model_error.past, seen]),
        value_error=_value_error(kept.cut, chosen),
        holdout=Holdout(*days, kept, test, total_at(kept, test.chosen, test.model_error)),
        tables=of_holdout(engine.table("cohort_days"), test.chosen, kept.cut, days[0], run),
        notes=_notes(test),
    )


def _value_error(cut: Cut, chosen: Candidate) -> float:
    """Error of the holdout's spend, pooled with the usual one; spend carries errors of its own."""
    if chosen.predicted_spend is None or cut.actual_spend is None:
        return 0.0
    actual = float(cut.weights @ cut.actual_spend)
    return model_error([PastTotal(cut.horizon, chosen.predicted_spend, actual)]).sd


def _untested(
    engine: Engine, options: ValueOptions, run: Run, notes: tuple[Message, ...]
) -> Evidence:
    """Fall back on the likelihood where nothing can be kept back, or on no model at all."""
    execute(select(discover("know"), "purchase_patterns", given=DAYS), engine, run)
    data = purchases_of(engine.table("purchase_patterns", order_by=PATTERN))
    if not enough(Cut(data, data.x, 1.0)):
        return Evidence(None, False, _too_little(), model_error(()), notes=notes)
    fits = {name: fitter(data) for name, fitter in _fitters(options).items()}
    name = _likeliest(fits)
    reason = words("It makes the whole history most likely; nothing was kept back to test it on.")
    asked = words("It was asked for; nothing was kept back to test it on.")
    return Evidence(
        name,
        False,
        Message(reason if options.model == "auto" else asked),
        model_error(()),
        notes=(*notes, *_doubt(fits[name], name)),
    )


def _likeliest(fits: Mapping[str, Fit[PurchaseModel]]) -> str:
    """Name the model with the highest likelihood; of near ones, one that can doubt a customer."""
    best = max(fit.log_likelihood for fit in fits.values())
    near = [name for name, fit in fits.items() if fit.log_likelihood >= best - LIKELIHOOD_TIE]
    return max(near, key=lambda n: (n != "bg_nbd", fits[n].log_likelihood))


def _too_little() -> Message:
    return Message(
        words(
            "Too little data for a model: it needs at least {customers} customers, {repeaters} of "
            "whom bought on more than one day. The plain formula is given instead."
        ),
        {"customers": FEWEST_CUSTOMERS, "repeaters": FEWEST_REPEATERS},
        mood="serious",
    )


def _reason(test: BackTest) -> Message:
    texts = {
        "only": words("It was asked for."),
        "log_score": words("It gave what customers then did the highest probability."),
        "rmse": words("It erred least in the number of purchases of each customer."),
        "bias": words("It came nearest to the total, and erred no more than others per customer."),
        "one_time_buyers": words(
            "It did as well as the best, and can tell when a one-time buyer has left."
        ),
        "order": words("It did as well as the others, and is the simplest."),
    }
    return Message(texts[test.choice.decided_by])


def _notes(test: BackTest) -> tuple[Message, ...]:
    """Say where a rule without a model did better, and what BG/NBD cannot know."""
    found = [
        Message(
            words(
                "A simple rule, {baseline}, did better than the model in {measure} "
                "({rule} against {model})."
            ),
            {
                "baseline": b.name,
                "measure": b.measure,
                "rule": f"{b.baseline:.3f}",
                "model": f"{b.model:.3f}",
            },
        )
        for b in test.choice.beaten_by
    ]
    return (*found, *_doubt(test.chosen.fit, test.choice.name))


def _doubt(fit: Fit[PurchaseModel], name: str) -> tuple[Message, ...]:
    """Warn of what the fit itself shows."""
    found = []
    if name == "bg_nbd":
        found.append(
            Message(
                words(
                    "BG/NBD says of everyone who bought once that he is still a customer; judge "
                    "churn by MBG/NBD or Pareto/NBD."
                )
            )
        )
    if fit.at_bound or not fit.converged:
        found.append(
            Message(words("The model fits these data at the edge of what it can express."))
        )
    return tuple(found)
