"""The back-test: what each candidate said about history that it had not seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kizuna.charts import calibration, frequency_calibration, tracking
from kizuna.report.blocks import Block, Column, Fact, Facts, Grid, Note, Pair, Picture, Row, Section
from kizuna.report.language import CODE
from kizuna.report.material import Material, as_day
from kizuna.report.names import BASELINES, CRITERIA, model_name
from kizuna.report.sections.notes import text_of

BEST: dict[str, Callable[[list[float]], float]] = {
    "log_score": max,
    "rmse": min,
    "mae": min,
    "bias": lambda values: min(values, key=abs),
    "gini": max,
}


def section(m: Material) -> Section:
    """Totals, candidates, tracking and calibration; or what a test would need."""
    title = m.say("Back-test: the model on history that it had not seen")
    if not m.get("holdout"):
        return Section("back-test", title, blocks=(_unknown(m),))
    blocks: list[Block] = [_totals(m)]
    blocks += [*_candidates(m), *_tracking(m), *_calibrations(m)]
    lead = m.say(
        "Every candidate was fitted on what was known before {start} and asked about {start} "
        "to {end}; then the "
        "answers were compared with what happened. The model used elsewhere on this page is "
        "fitted on the whole log.",
        start=m.day("holdout", "start"),
        end=m.day("holdout", "end"),
    )
    return Section("back-test", title, lead, blocks)


def _unknown(m: Material) -> Note:
    text = m.say.rich(
        "No part of the log was kept back, so nobody can say how good the estimates are. Needs a "
        "log long enough to keep back its second half ({option}), with repeat orders on both "
        "sides.",
        option=CODE.format("--holdout auto"),
    )
    return Note("unknown", text, m.say("Not yet known"))


def _totals(m: Material) -> Facts:
    hold = m.get("holdout")
    return Facts(
        (
            _total(m, m.say("Purchases"), hold, "purchases", m.say.number),
            _total(m, m.say("Spend"), hold, "spend", m.say.money),
            Fact(m.say("90% interval"), _interval(m, hold), m.say("for all purchases together")),
        )
    )


def _total(m: Material, name: str, hold: dict[str, Any], key: str, write: Any) -> Fact:
    predicted, actual = hold.get(f"predicted_{key}"), hold.get(f"actual_{key}")
    if predicted is None or actual is None:
        return Fact(name, m.say("not yet known"))
    value = m.say("{predicted} predicted", predicted=write(predicted))
    remark = m.say("{actual} happened", actual=write(actual))
    if actual:
        remark = m.say("{first} ({second})", first=remark, second=signed(m, predicted / actual - 1))
    return Fact(name, value, remark)


def _interval(m: Material, hold: dict[str, Any]) -> str:
    low, high = hold.get("predicted_low"), hold.get("predicted_high")
    if low is None or high is None:
        return m.say("not yet known")
    return m.say("{low} to {high}", low=m.say.number(low), high=m.say.number(high))


def signed(m: Material, share: float | None) -> str:
    """Write a share with its sign."""
    if share is None:
        return "–"
    return ("+" if share > 0 else "") + m.say.percent(share, 1)


def _candidates(m: Material) -> list[Block]:
    rows = m.get("candidates") or []
    if not rows:
        return []
    heads = (
        m.say("Log score"),
        m.say("RMSE"),
        m.say("MAE"),
        m.say("Bias of the total"),
        m.say("Ranking (Gini)"),
        m.say("Inside 90% interval"),
    )
    best = {key: _best(rows, key) for key in BEST}
    table = Grid(
        m.say("Candidates, on the unseen part"),
        (Column(m.say("Model or rule")), *(Column(head, number=True) for head in heads)),
        tuple(_candidate(m, row, best) for row in rows),
        foot=m.say(
            "Log score: probability of what happened, larger is better. RMSE and MAE: purchases "
            "per customer, smaller is better. Bias: predicted ÷ actual "
            "− 1. Gini: 1 is a perfect order, 0 none. Inside: 90% is right. ★ best of its "
            "column. Simple rules are there to be beaten."
        ),
    )
    return [table, *_choice(m)]


def _best(rows: list[dict[str, Any]], key: str) -> float | None:
    values = [row[key] for row in rows if row.get(key) is not None]
    return BEST[key](values) if values else None


def _candidate(m: Material, row: dict[str, Any], best: dict[str, float | None]) -> Row:
    def cell(key: str) -> str:
        value, top = row.get(key), best[key]
        text = signed(m, value) if key == "bias" else m.say.number(value, 3)
        top_text = signed(m, top) if key == "bias" else m.say.number(top, 3)
        star = value is not None and text == top_text
        return m.say("★ {value}", value=text) if star else text

    name = model_name(m.say, row["name"])
    if row["name"] in BASELINES:
        name = m.say("{name} (simple rule)", name=name)
    return Row(
        (
            name,
            *(cell(key) for key in BEST),
            m.say.percent(row.get("coverage_90"), 1),
        ),
        mark=m.say("chosen") if row["name"] == m.model else "",
    )


def _choice(m: Material) -> list[Block]:
    reason, criteria = m.get("choice", "reason"), m.get("choice", "criteria") or ()
    found: list[Block] = []
    if reason:
        found.append(Note("info", text_of(m, reason), m.say("Why this one")))
    rows = [_criterion(m, one) for one in criteria if isinstance(one, Mapping)]
    return [*found, _criteria(m, rows)] if rows else found


def _criteria(m: Material, rows: list[Row]) -> Grid:
    return Grid(
        m.say("Criteria of the choice, in order"),
        (
            Column(m.say("Criterion")),
            Column(m.say("Equal within"), number=True),
            Column(m.say("Models left")),
        ),
        tuple(rows),
    )


def _criterion(m: Material, one: Mapping[str, Any]) -> Row:
    name, tie = str(one["name"]), float(one.get("tie") or 0.0)
    left = m.say.join(model_name(m.say, key) for key in one["left"])
    return Row((m.say(CRITERIA.get(name, name)), m.say.rate(tie) if tie else "–", left))


def _tracking(m: Material) -> list[Block]:
    rows = m.rows("tracking")
    if not rows:
        return []
    hold = m.get("holdout")
    low, high = hold.get("predicted_low"), hold.get("predicted_high")
    middle = hold.get("predicted_purchases")
    known = low is not None and high is not None and middle is not None
    picture = Picture(
        "tracking-lines",
        m.say("Repeat purchases a week, and their running total"),
        m.say(
            "The shaded weeks were hidden from the model; the bar at the end is its 90% interval."
        ),
        tracking(
            m.tables["tracking"],
            last_day=as_day(m.get("as_of")),
            interval=(low - middle, high - middle) if known else None,
            words=m.say,
        ),
        _weeks(m, rows),
    )
    return [picture]


def _weeks(m: Material, rows: list[dict[str, Any]]) -> Grid:
    heads = (m.say("Actual"), m.say("Predicted"), m.say("Actual, total"), m.say("Predicted, total"))
    keys = ("actual_purchases", "predicted_purchases", "cumulative_actual", "cumulative_predicted")
    return Grid(
        m.say("Repeat purchases"),
        (
            Column(m.say("Week of")),
            *(Column(head, number=True) for head in heads),
            Column(m.say("Part")),
        ),
        tuple(
            Row(
                (
                    m.say.day(row["week_start"]),
                    *(m.say.number(row[key], 0) for key in keys),
                    m.say("unseen") if row["phase"] == "holdout" else m.say("fitted"),
                )
            )
            for row in rows
        ),
    )


def _calibrations(m: Material) -> list[Block]:
    found = (*_deciles(m), *_frequencies(m))
    return [Pair(found)] if found else []


def _deciles(m: Material) -> list[Picture]:
    rows = m.rows("calibration")
    if not rows:
        return []
    top = max(rows, key=lambda row: row["decile"])
    says = m.say(
        "The tenth with the highest predictions: {predicted} purchases each predicted, "
        "{actual} happened.",
        predicted=m.say.number(top["predicted_purchases"], 2),
        actual=m.say.number(top["actual_purchases"], 2),
    )
    picture = Picture(
        "calibration-deciles",
        m.say("Do high predictions mean many purchases?"),
        says,
        calibration(m.tables["calibration"], words=m.say),
        _pairs(
            m,
            m.say("Tenth"),
            [
                (str(r["decile"]), r["customers"], r["predicted_purchases"], r["actual_purchases"])
                for r in rows
            ],
        ),
    )
    return [picture]


def _frequencies(m: Material) -> list[Picture]:
    rows = m.rows("frequency_calibration")
    if not rows:
        return []
    picture = Picture(
        "calibration-frequency",
        m.say("Are rare and frequent buyers predicted alike?"),
        m.say("Customers grouped by their repeat purchases before the unseen part."),
        frequency_calibration(m.tables["frequency_calibration"], words=m.say),
        _pairs(
            m,
            m.say("Repeat purchases before"),
            [(str(r["frequency"]), r["customers"], r["predicted"], r["actual"]) for r in rows],
        ),
    )
    return [picture]


def _pairs(m: Material, head: str, rows: list[tuple[str, float, float, float]]) -> Grid:
    heads = (m.say("Customers"), m.say("Predicted"), m.say("Actual"))
    return Grid(
        m.say("Purchases per customer in the unseen part"),
        (Column(head), *(Column(text, number=True) for text in heads)),
        tuple(
            Row((name, m.say.number(n), m.say.number(predicted, 2), m.say.number(actual, 2)))
            for name, n, predicted, actual in rows
        ),
    )
