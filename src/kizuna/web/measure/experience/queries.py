"""What experience is worth, as it is published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kizuna.pipeline.experience_tables import SCORES
from kizuna.web.act.actions.models import Action
from kizuna.web.know.publications.queries import Published, published

type Row = dict[str, Any]

TABLE: Final = "experience_worth"
BINS: Final = "experience_bins"


@dataclass(frozen=True, slots=True)
class Score:
    """What is known of one score: both kinds of evidence, each by itself.

    Attributes
    ----------
    association : of the longest horizon that is known, or else of the shortest.
    experiments : those whose days are over, the one in which the score moved most surely first.

    """

    name: str
    association: Row
    bins: Sequence[Row]
    experiments: Sequence[Row]

    @property
    def proof(self) -> Row | None:
        """The experiment that tells its worth; None where no action has moved it clearly."""
        return next((row for row in self.experiments if row["state"] == "known"), None)

    @property
    def told(self) -> Row | None:
        """What may be said of its worth: an experiment where there is one, never both in one."""
        known = self.association if self.association["state"] == "known" else None
        return self.proof or known


@dataclass(frozen=True, slots=True)
class Worth:
    """All scores, and the names of the actions behind."""

    state: Published
    scores: Sequence[Score]
    names: Mapping[str, str]


def worth() -> Worth | None:
    """Give what is known; None before the first publication that knows of it."""
    state = published()
    if state is None or not state.has(TABLE) or not state.has(BINS):
        return None
    rows, bins = state.table(TABLE).to_pylist(), state.table(BINS).to_pylist()
    if not rows:
        return None
    scores = [_score(name, rows, bins) for name in SCORES]
    return Worth(state, scores, _names(rows))


def _score(name: str, rows: Sequence[Row], bins: Sequence[Row]) -> Score:
    mine = [row for row in rows if row["score"] == name]
    ties = [row for row in mine if row["evidence"] == "association"]
    ties.sort(key=lambda row: row["horizon_days"])
    known = [row for row in ties if row["state"] == "known"]
    shown = known[-1] if known else ties[0]
    pictured = [b for b in bins if (b["score"], b["horizon_days"]) == (name, shown["horizon_days"])]
    tried = [row for row in mine if row["evidence"] == "experiment"]
    order = sorted(tried, key=lambda row: (-_sureness(row), row["experiment_id"]))
    return Score(name, shown, sorted(pictured, key=lambda row: row["bin"]), order)


def _sureness(row: Row) -> float:
    """How far the move of the score is off 0, for how unsure it is."""
    if row["moved"] is None:
        return -1.0
    half = row["moved"] - row["moved_low"]
    return float(abs(row["moved"]) / half) if half > 0 else 0.0


def _names(rows: Sequence[Row]) -> dict[str, str]:
    keys = {row["experiment_id"] for row in rows if row["experiment_id"]}
    kept = Action.objects.filter(pk__in=[int(key) for key in keys if key.isdecimal()])
    return {key: key for key in keys} | {one.experiment_id: one.name for one in kept}
