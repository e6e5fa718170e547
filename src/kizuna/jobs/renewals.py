"""Renewals: what comes due and how likely it goes on, what became of it, and who foretold it well.

Two words on each renewal stand side by side and are never mixed: that of the data and that of a
person. The data's is, in this order: 0 where notice was given; 1 less the probability of leaving,
where its horizon reaches the end of the term; else the share of terms that went on lately.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any

from kizuna.pipeline.business_days import after, before
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.tables import arrow_schema

type Row = dict[str, Any]

FEWEST = 20
"""Renewals that must have come to their end before anyone's forecasts are compared."""
COMMITTED = 0.9
"""From here on the data's word counts as committed."""
GRACE = 2
"""Business days in which to say something of what is first seen late."""
Z90 = 1.6448536269514722

DUE = """
SELECT
    t.contract_id, t.customer_id, t.product, t.currency, t.mrr, t.ends_on, t.renews, t.notice_by,
    CASE
        WHEN s.churn_model = 'notice' THEN 0.0
        WHEN s.churn_kind = 'contract' AND t.ends_on <= $1::DATE + s.churn_horizon_days
            THEN 1 - s.churn_probability
        WHEN r.due > 0 THEN r.kept / r.due
    END AS likelihood,
    CASE
        WHEN s.churn_model = 'notice' THEN 'notice'
        WHEN s.churn_kind = 'contract' AND t.ends_on <= $1::DATE + s.churn_horizon_days
            THEN 'model'
        WHEN r.due > 0 THEN 'rate'
        ELSE ''
    END AS source
FROM contract_terms AS t
LEFT JOIN churn_scores AS s ON s.customer_id = t.customer_id
LEFT JOIN (
    SELECT currency, sum(kept)::DOUBLE AS kept, sum(due)::DOUBLE AS due
    FROM contract_survival
    WHERE made_on = (SELECT max(made_on) FROM contract_survival)
        AND months_ahead = 0 AND term_months > 0
    GROUP BY currency
) AS r ON r.currency = t.currency
WHERE t.ends_on BETWEEN $1::DATE AND $1::DATE + $2::INTEGER
ORDER BY t.contract_id"""

RUNNING = "SELECT contract_id, ends_on FROM contract_terms"
ENDED = "SELECT contract_id, due_on, outcome FROM contract_renewals WHERE due_on >= $1::DATE"
READS = ("contract_terms", "churn_scores", "contract_survival", "contract_renewals")


@dataclass(frozen=True, slots=True)
class Book:
    """What the published tables say: what comes due, what runs, what became of former terms."""

    due: Sequence[Row]
    running: Mapping[str, date | None]
    ended: Mapping[tuple[str, date], str]


def book(files: Mapping[str, Sequence[str]], *, as_of: date, ahead: int, since: date) -> Book:
    """Read what comes due within so many days, and how terms ended since a day."""
    with Engine(threads=2) as engine:
        for name in READS:
            if files[name]:
                engine.register_parquet(name, files[name])
            else:
                engine.register(name, arrow_schema(name).empty_table())
        due: list[Row] = engine.query(DUE, [as_of, ahead]).to_pylist()
        running = {r["contract_id"]: r["ends_on"] for r in engine.query(RUNNING).to_pylist()}
        ended = {
            (r["contract_id"], r["due_on"]): r["outcome"]
            for r in engine.query(ENDED, [since]).to_pylist()
        }
    return Book(due, running, ended)


def on_ladder(deadline: date, days_before: int, closed: Set[date]) -> date:
    """Give the day of a rung: so many business days before the deadline."""
    return before(deadline, days_before, closed)


def say_by(
    deadline: date,
    checkpoints: Sequence[int],
    *,
    said_on: date | None,
    seen_on: date,
    closed: Set[date],
) -> date | None:
    """Give the day by which a person must say how likely a renewal is; None: nothing is open.

    A word counts for the check-point that it was said before, and for those it came too late for.
    Of those that had passed when the renewal was first seen only the last is asked, with some days
    of grace; of one whose deadline was past nothing is asked.
    """
    if deadline < seen_on:
        return None
    days = sorted({before(deadline, count, closed) for count in checkpoints})
    past = [day for day in days if day <= seen_on]
    first = after(seen_on, GRACE, closed)
    coming = [day for day in days if day > seen_on]
    asked = [min([first, deadline, *coming]), *coming] if past else coming
    opened = date.min
    for day in asked:
        if said_on is None or said_on <= opened:
            return day
        opened = day
    return None


@dataclass(frozen=True, slots=True)
class Word:
    """What is said of one renewal that is to come: both words, its revenue a month."""

    month: date
    mrr: int
    model: float | None
    person: float | None
    committed: bool


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the forecast, in minor units of revenue a month."""

    month: date
    renewals: int
    due: int
    committed: int
    expected: float
    said: int
    model_committed: int
    model_expected: float
    model_said: int


def forecast(words: Sequence[Word]) -> list[Month]:
    """Sum what comes due, month by month: what people commit to and expect, and the data.

    Sums go over those renewals of which something was said; how much that is stands beside.
    """
    months = sorted({word.month for word in words})
    return [_month(month, [w for w in words if w.month == month]) for month in months]


def _month(month: date, words: Sequence[Word]) -> Month:
    of_people = [(w.mrr, w.person) for w in words if w.person is not None]
    of_data = [(w.mrr, w.model) for w in words if w.model is not None]
    return Month(
        month=month,
        renewals=len(words),
        due=sum(w.mrr for w in words),
        committed=sum(w.mrr for w in words if w.committed),
        expected=sum(mrr * p for mrr, p in of_people),
        said=sum(mrr for mrr, _p in of_people),
        model_committed=sum(mrr for mrr, p in of_data if p >= COMMITTED),
        model_expected=sum(mrr * p for mrr, p in of_data),
        model_said=sum(mrr for mrr, _p in of_data),
    )


@dataclass(frozen=True, slots=True)
class Foretold:
    """A renewal that has come to its end: what was said of it before, and what came."""

    person: float
    model: float | None
    renewed: bool


@dataclass(frozen=True, slots=True)
class Record:
    """How well somebody foretold; None where too few have come to their end.

    Attributes
    ----------
    renewals : that came to their end.
    hits : share in which the likelier of both came; with its 90 % interval.
    brier : mean squared error; 0 is perfect.
    said, came : mean likelihood said, and share that renewed: apart is too bold or too timid.
    model_hits, model_brier : of the data's word on the same renewals, where it had one of all.
    needed : how many more must come to their end.

    """

    renewals: int
    hits: float | None
    hits_low: float | None
    hits_high: float | None
    brier: float | None
    said: float | None
    came: float | None
    model_hits: float | None
    model_brier: float | None
    needed: int


def record(foretold: Sequence[Foretold]) -> Record:
    """Tell how well somebody foretold, beside the data's word on the same renewals."""
    n = len(foretold)
    if n < FEWEST:
        return Record(n, *(None,) * 8, needed=FEWEST - n)
    hits = sum((f.person >= 0.5) == f.renewed for f in foretold)
    low, high = wilson(hits, n)
    both = [(f.model, f.renewed) for f in foretold if f.model is not None]
    whole = len(both) == n
    return Record(
        renewals=n,
        hits=hits / n,
        hits_low=low,
        hits_high=high,
        brier=sum((f.person - f.renewed) ** 2 for f in foretold) / n,
        said=sum(f.person for f in foretold) / n,
        came=sum(f.renewed for f in foretold) / n,
        model_hits=sum((m >= 0.5) == came for m, came in both) / n if whole else None,
        model_brier=sum((m - came) ** 2 for m, came in both) / n if whole else None,
        needed=0,
    )


def wilson(count: int, of: int) -> tuple[float, float]:
    """Give the 90 % interval of a share (Wilson 1927)."""
    share, z2 = count / of, Z90**2
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    reach = Z90 / (1 + z2 / of) * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    return max(middle - reach, 0.0), min(middle + reach, 1.0)
