"""What actions earned, as it is published: the list, one action, and all of them together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow.parquet as pq
from django.db.models import QuerySet

from kizuna.experiments.assignment import CONTROL
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.experiment_tables import GLOBAL_KIND
from kizuna.web.act.actions.models import Action, State
from kizuna.web.know.publications.queries import Published, published
from kizuna.web.measure.results.models import Decision, Outside
from kizuna.web.ui.leafing import Leafing

type Row = dict[str, Any]

A_PAGE: Final = 25
UNITS_SHOWN: Final = 50
ALL: Final = "*"
TO_DATE: Final = 0
NEEDED: Final = ("effects", "experiment_counts", "effect_parts", "effect_days", "effect_claims")
ORDER: Final = ("harms", "mismatch", "earns", "useless", "unknown", "early")
"""Verdicts in the order in which they are shown: what to act on comes first."""

UNITS = """
SELECT * FROM experiment_units
WHERE experiment_id = $1 AND horizon_days = $2 AND ($3 = '' OR arm = $3)
ORDER BY unit_id LIMIT $4 OFFSET $5"""


@dataclass(frozen=True, slots=True)
class Finding:
    """An action, and the row of its result that stands for it; none before the first refresh."""

    experiment_id: str
    name: str
    kind: str
    action: Action | None
    about: Row | None
    row: Row | None
    counts: Row | None

    @property
    def verdict(self) -> str:
        """What may be said of it, in one word."""
        return str(self.row["verdict"]) if self.row else "early"


@dataclass(frozen=True, slots=True)
class Findings(Leafing):
    """Actions with their verdicts, page by page."""

    state: Published | None
    items: Sequence[Finding]
    words: Mapping[str, int]
    word: str
    number: int
    has_next: bool


@dataclass(frozen=True, slots=True)
class One:
    """All that is known of what one action earned."""

    state: Published
    finding: Finding
    rows: Sequence[Row]
    arms: Sequence[str]
    parts: Sequence[Row]
    days: Sequence[Row]
    claim: Row | None
    projection: Row | None
    decisions: Sequence[Decision]


@dataclass(frozen=True, slots=True)
class Together:
    """All actions: which claims stand, and their sum against the global control."""

    state: Published
    sums: Sequence[Row]
    claims: Sequence[tuple[Finding, Row]]
    waiting: int


@dataclass(frozen=True, slots=True)
class Units(Leafing):
    """Whom an action was compared on, page by page."""

    state: Published
    finding: Finding
    rows: Sequence[Row]
    arm: str
    arms: Sequence[str]
    horizon: int
    number: int
    has_next: bool


def findings(word: str = "", page: int = 1) -> Findings:
    """List the actions that hold customers out, those to act on first."""
    state, found = _state(), every_finding()
    words = {name: sum(one.verdict == name for one in found) for name in ORDER}
    chosen = [one for one in found if not word or one.verdict == word]
    first = (page - 1) * A_PAGE
    shown = chosen[first : first + A_PAGE]
    return Findings(state, shown, words, word, page, len(chosen) > first + A_PAGE)


def every_finding() -> list[Finding]:
    """Give every action that holds customers out, with its result, those to act on first."""
    state = _state()
    rows, about, counts = _results(state)
    actions = {one.experiment_id: one for one in _begun()}
    keys = [*(key for key in about if about[key]["kind"] != GLOBAL_KIND), *actions]
    found = [_finding(key, rows, about, counts, actions.get(key)) for key in dict.fromkeys(keys)]
    return sorted(found, key=_place)


def one(experiment_id: str) -> One | None:
    """Give one action's result; None where there is none of that name."""
    state = _state()
    rows, about, counts = _results(state)
    action = _begun().filter(pk=int(experiment_id)).first() if experiment_id.isdecimal() else None
    if state is None or (experiment_id not in about and action is None):
        return None
    finding = _finding(experiment_id, rows, about, counts, action)
    whole = finding.row["arm"] if finding.row else ALL
    return One(
        state,
        finding,
        rows.get(experiment_id, []),
        sorted({row["arm"] for row in rows.get(experiment_id, [])}),
        _of(state, "effect_parts", experiment_id),
        [row for row in _of(state, "effect_days", experiment_id) if row["arm"] == whole],
        next(iter(_of(state, "effect_claims", experiment_id)), None),
        next(iter(_of(state, "effect_projections", experiment_id)), None),
        list(decisions(action)) if action else [],
    )


def together() -> Together | None:
    """Give all actions together; None before the first publication."""
    state = _state()
    if state is None:
        return None
    found = {one.experiment_id: one for one in every_finding()}
    claims = state.table("effect_claims").to_pylist()
    listed = [(found[c["experiment_id"]], c) for c in claims if c["experiment_id"] in found]
    listed.sort(key=lambda pair: (not pair[1]["stands"], pair[1]["p"]))
    sums = state.table("effect_portfolio").sort_by("horizon_days").to_pylist()
    return Together(state, sums, listed, len(found) - len(listed))


def units(experiment_id: str, arm: str, horizon: int, page: int) -> Units | None:
    """List the units that were compared, with what each bought."""
    found = one(experiment_id)
    if found is None or found.finding.row is None:
        return None
    asked = [experiment_id, horizon, arm, UNITS_SHOWN + 1, (page - 1) * UNITS_SHOWN]
    rows = _units(found.state, asked)
    arms = sorted({row["arm"] for row in found.parts})
    more = len(rows) > UNITS_SHOWN
    return Units(found.state, found.finding, rows[:UNITS_SHOWN], arm, arms, horizon, page, more)


def every_unit(experiment_id: str, horizon: int) -> Iterable[Row]:
    """Give all units of a horizon, part by part."""
    state, page = _state(), 0
    while state is not None:
        rows = _units(state, [experiment_id, horizon, "", 10_000, page * 10_000])
        yield from rows
        page += 1
        if len(rows) < 10_000:
            return


def decisions(action: Action) -> QuerySet[Decision]:
    """Give the decision log of an action, the latest first."""
    return Decision.objects.filter(action=action).select_related("person").order_by("-pk")


def action_of(experiment_id: str) -> Action | None:
    """Give the action of an experiment, where it is still in the register."""
    return _begun().filter(pk=int(experiment_id)).first() if experiment_id.isdecimal() else None


def is_waiting(experiment_id: str) -> bool:
    """Tell whether there is such an action, of which no figures tell yet."""
    return experiment_id.isdecimal() and Action.objects.filter(pk=int(experiment_id)).exists()


def headline(rows: Sequence[Row], judged: int) -> Row | None:
    """Choose what stands for an action: the horizon that it is judged at, else the longest known.

    Of several arms it is all of them together.
    """
    mine = [row for row in rows if row["against"] == CONTROL]
    whole = [row for row in mine if row["arm"] == ALL] or mine
    told = [row for row in whole if row["horizon_days"] > TO_DATE and row["effect"] is not None]
    due = [row for row in told if row["horizon_days"] <= judged]
    said = [row for row in due if row["effect_low"] is not None]
    wrong = [row for row in whole if row["verdict"] == "mismatch"]
    for some in (wrong, said, due, told, whole):
        if some:
            return max(some, key=lambda row: int(row["horizon_days"]))
    return None


def _finding(
    key: str,
    rows: Mapping[str, list[Row]],
    about: Mapping[str, Row],
    counts: Mapping[str, Row],
    action: Action | None,
) -> Finding:
    told = about.get(key)
    name = action.name if action else (told or {}).get("name") or key
    kind = action.kind if action else (told or {}).get("kind") or ""
    row = headline(rows.get(key, []), told["horizon_days"]) if told else None
    return Finding(key, name, kind, action, told, row, counts.get(key))


def _place(found: Finding) -> tuple[int, float, str]:
    row = found.row or {}
    return ORDER.index(found.verdict), -abs(row.get("total") or 0.0), found.name


def _begun() -> QuerySet[Action]:
    begun = Action.objects.exclude(state__in=[State.DRAFT, State.DRY_RUN])
    return begun.filter(is_optional=True).order_by("pk")


def _results(
    state: Published | None,
) -> tuple[dict[str, list[Row]], dict[str, Row], dict[str, Row]]:
    """Give results by experiment, what each is about, and its counts."""
    if state is None:
        return {}, {}, {}
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in state.table("effects").to_pylist():
        rows[row["experiment_id"]].append(row)
    counts = {r["experiment_id"]: r for r in state.table("experiment_counts").to_pylist()}
    return rows, {row["experiment_id"]: row for row in _experiments(state)}, counts


def _experiments(state: Published) -> list[Row]:
    """Give the experiments that the run read; none where the application had none."""
    if "experiments" not in state.publication.read_versions:
        return []
    tables = [pq.read_table(file) for file in state.files("experiments")]
    return [row for table in tables for row in table.to_pylist()]


def _of(state: Published, name: str, experiment_id: str) -> list[Row]:
    rows = state.table(name).to_pylist()
    return [row for row in rows if row["experiment_id"] == experiment_id]


def _units(state: Published, asked: Sequence[object]) -> list[Row]:
    files = state.files("experiment_units")
    if not files:
        return []
    with Engine(threads=2) as engine:
        engine.register_parquet("experiment_units", files)
        found: list[Row] = engine.query(UNITS, asked).to_pylist()
        return found


def _state() -> Published | None:
    state = published()
    return state if state is not None and all(state.has(name) for name in NEEDED) else None


def outsides() -> QuerySet[Outside]:
    """Give the experiments that were brought in, the latest first."""
    return Outside.objects.select_related("brought_by").order_by("-pk")


def currency() -> str:
    """Give the currency of what is published; empty where none is known."""
    state = published()
    return state.currency.replace("XXX", "") if state else ""
