"""How near the estimates came, for a simulated company whose truth is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kizuna.report.blocks import Column, Grid, Prose, Row, Section
from kizuna.report.material import Material
from kizuna.report.names import words
from kizuna.report.sections.back_test import signed

NAMES = {
    "customer_equity": words("Customer equity"),
    "expected_purchases": words("Purchases expected"),
    "alive": words("Customers still active"),
    "mean_spend": words("Mean order"),
}
SHARES = {
    "coverage_90": words(
        "Customers whose true purchases lie inside their 90% interval (whole numbers make it more "
        "than 90%)"
    ),
    "gini": words("Ranking of customers against the truth (Gini)"),
}


def section(m: Material) -> Section | None:
    """Compare each estimate with the truth; None where nobody knows the truth."""
    truth = m.get("truth")
    if not truth:
        return None
    lead = m.say(
        "This company is simulated, so the truth is known; the model was not shown it. With "
        "real customers this section does not exist."
    )
    rows = tuple(_row(m, key, truth[key]) for key in NAMES if truth.get(key) is not None)
    return Section(
        "truth", m.say("How near the truth"), lead, (_table(m, rows), *_shares(m, truth))
    )


def _table(m: Material, rows: tuple[Row, ...]) -> Grid:
    heads = (m.say("Truth"), m.say("Estimate"), m.say("Off by"), m.say("90% interval"))
    return Grid(
        m.say("Estimates and the truth"),
        (
            Column(m.say("Number")),
            *(Column(head, number=True) for head in heads),
            Column(m.say("Verdict")),
        ),
        rows,
        shown_caption=False,
    )


def _row(m: Material, key: str, found: Any) -> Row:
    """One comparison: the truth alone, or a mapping with its estimate, low and high."""
    given = dict(found) if isinstance(found, Mapping) else {"truth": found}
    value = {**_estimate(m, key), **given}
    write: Callable[[float | None], str] = m.say.number
    if key in ("customer_equity", "mean_spend"):
        write = m.say.column([value["truth"], value.get("estimate")])
    return Row(
        (
            m.say(NAMES[key]),
            write(value["truth"]),
            write(value.get("estimate")),
            _off(m, value),
            _interval(m, value, write),
            _verdict(m, value),
        )
    )


def _estimate(m: Material, key: str) -> dict[str, float]:
    found = m.get(key)
    if not isinstance(found, Mapping):
        return {} if found is None else {"estimate": found}
    renamed = {"estimate": found.get("value"), "low": found.get("low"), "high": found.get("high")}
    return {name: value for name, value in renamed.items() if value is not None}


def _off(m: Material, value: dict[str, float]) -> str:
    if value.get("estimate") is None or not value["truth"]:
        return "–"
    return signed(m, value["estimate"] / value["truth"] - 1)


def _interval(m: Material, value: dict[str, float], write: Callable[[float | None], str]) -> str:
    if value.get("low") is None or value.get("high") is None:
        return "–"
    return m.say("{low} to {high}", low=write(value["low"]), high=write(value["high"]))


def _verdict(m: Material, value: dict[str, float]) -> str:
    if value.get("low") is None or value.get("high") is None:
        return "–"
    inside = value["low"] <= value["truth"] <= value["high"]
    return m.say("✓ inside the interval") if inside else m.say("✗ outside the interval")


def _shares(m: Material, truth: Mapping[str, Any]) -> tuple[Prose, ...]:
    found = []
    if truth.get("coverage_90") is not None:
        share = m.say.percent(truth["coverage_90"], 1)
        found.append(m.say("{name}: {value}", name=m.say(SHARES["coverage_90"]), value=share))
    if truth.get("gini") is not None:
        score = m.say.number(truth["gini"], 3)
        found.append(m.say("{name}: {value}", name=m.say(SHARES["gini"]), value=score))
    return (Prose(tuple(found)),) if found else ()
