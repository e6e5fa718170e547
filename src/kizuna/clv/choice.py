"""Choosing a model: stated criteria in order, each with the difference below which it is a tie.

1. `log_score`: the probability that the forecast gave to what each customer then did. A tie within
   0.01 per customer, i.e. 1 % of that probability.
2. `rmse`: error of the number of purchases per customer. A tie within 1 %.
3. `bias`: error of the total, without its sign. A tie within 2 points.
4. `one_time_buyers`: a model that can doubt them. BG/NBD says of everyone who bought once that he
   is still a customer (P(alive) = 1), however long ago.
5. `order`: the first of those left, in the order in which candidates were given.

Ranking (Gini) is not a criterion among models, whose rankings hardly differ, but the measure by
which a model must beat the baselines: where it does not, `beaten_by` says so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from kizuna.clv.scores import Candidate

LOG_SCORE_TIE = 0.01
RMSE_TIE = 0.01
BIAS_TIE = 0.02


@dataclass(frozen=True, slots=True)
class Criterion:
    """A rule of the choice, and the candidates that it left."""

    name: str
    tie: float
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BetterBaseline:
    """A baseline that did better than the chosen model in some measure."""

    name: str
    measure: str
    baseline: float
    model: float


@dataclass(frozen=True, slots=True)
class Choice:
    """Which model, and why.

    Attributes
    ----------
    name : the chosen candidate.
    decided_by : the criterion that left it alone; "only" where there was one candidate.
    criteria : every criterion with the candidates it left, in order.
    beaten_by : baselines that ranked customers better, or erred less.
    doubts_one_time_buyers : whether the chosen model can tell that a one-time buyer has left.
    for_churn : the candidate to judge churn by: the chosen one where it doubts one-time buyers,
        else the best of those that do; None where none does.

    """

    name: str
    decided_by: str
    criteria: tuple[Criterion, ...]
    beaten_by: tuple[BetterBaseline, ...]
    doubts_one_time_buyers: bool
    for_churn: str | None


def choose(
    models: Sequence[Candidate], baselines: Sequence[Candidate], *, doubting: Collection[str]
) -> Choice:
    """Choose among models by the criteria of this module.

    Parameters
    ----------
    models : scored candidates, at least one.
    baselines : scored baselines, to be beaten.
    doubting : names of models that give one-time buyers a P(alive) below 1.

    """
    chosen, decided_by, criteria = _sieve(models, doubting)
    doubters = [m for m in models if m.name in doubting]
    for_churn = _sieve(doubters, doubting)[0].name if doubters else None
    return Choice(
        chosen.name,
        decided_by,
        criteria,
        _beaten_by(chosen, baselines),
        chosen.name in doubting,
        chosen.name if chosen.name in doubting else for_churn,
    )


def _sieve(
    models: Sequence[Candidate], doubting: Collection[str]
) -> tuple[Candidate, str, tuple[Criterion, ...]]:
    """Apply the criteria in turn until one candidate is left."""
    left, criteria = list(models), []
    decided_by = "only" if len(left) == 1 else ""
    for name, tie, loss in _criteria(models, doubting):
        least = min(loss(m) for m in left)
        left = [m for m in left if loss(m) <= least + tie + 1e-12]
        criteria.append(Criterion(name, tie, tuple(m.name for m in left)))
        if len(left) == 1 and not decided_by:
            decided_by = name
    return left[0], decided_by or "order", tuple(criteria)


def _criteria(
    models: Sequence[Candidate], doubting: Collection[str]
) -> list[tuple[str, float, Callable[[Candidate], float]]]:
    least_rmse = min(m.rmse for m in models) or 1.0
    return [
        ("log_score", LOG_SCORE_TIE, lambda m: -(m.log_score or 0.0)),
        ("rmse", RMSE_TIE, lambda m: m.rmse / least_rmse),
        ("bias", BIAS_TIE, lambda m: abs(m.bias or 0.0)),
        ("one_time_buyers", 0.0, lambda m: 0.0 if m.name in doubting else 1.0),
    ]


def _beaten_by(chosen: Candidate, baselines: Sequence[Candidate]) -> tuple[BetterBaseline, ...]:
    """List baselines with a higher Gini or a lower RMSE than the chosen model."""
    found = []
    for b in baselines:
        if b.gini is not None and chosen.gini is not None and b.gini > chosen.gini:
            found.append(BetterBaseline(b.name, "gini", b.gini, chosen.gini))
        if b.rmse < chosen.rmse:
            found.append(BetterBaseline(b.name, "rmse", b.rmse, chosen.rmse))
    return tuple(found)
