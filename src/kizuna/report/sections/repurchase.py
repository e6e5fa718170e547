"""How many buy again, and how soon: counted, not estimated."""

from __future__ import annotations

from kizuna.report.blocks import Column, Fact, Facts, Grid, Note, Row, Section
from kizuna.report.material import Material

DAYS = (30, 90, 180, 365)
FEWEST = 30
"""Purchases below which a share is not shown as a fact: chance moves it too much."""


def section(m: Material) -> Section:
    """Shares of purchases that were followed by another within 30 to 365 days."""
    title = m.say("Repurchase")
    rows = {(row["purchase"], row["days"]): row for row in m.rows("repurchase")}
    if not rows:
        text = m.say("Needs orders from 30 days ago or earlier.")
        return Section("repurchase", title, blocks=(Note("unknown", text, m.say("Not yet known")),))
    lead = m.say(
        "How many purchases were followed by another, counted only where as many days have "
        "passed, so that nobody is called lost too early."
    )
    return Section("repurchase", title, lead, (_facts(m, rows), _table(m, rows)))


type Rates = dict[tuple[int, int], dict[str, float]]


def _facts(m: Material, rows: Rates) -> Facts:
    shown = [rows[1, days] for days in DAYS if (1, days) in rows]
    return Facts(
        tuple(
            Fact(
                m.say("Bought again within {n} days", n=m.say.number(row["days"])),
                m.say.percent(row["rate"], 1)
                if row["purchases"] >= FEWEST
                else m.say("not yet known"),
                m.say("of {n} first purchases", n=m.say.number(row["purchases"])),
            )
            for row in shown
        )
    )


def _table(m: Material, rows: Rates) -> Grid:
    names = {
        1: m.say("after the 1st purchase"),
        2: m.say("after the 2nd purchase"),
        3: m.say("after the 3rd purchase"),
        4: m.say("after a later purchase"),
    }
    heads = [m.say("within {n} days", n=m.say.number(days)) for days in DAYS]
    return Grid(
        m.say("Share of purchases followed by another"),
        (Column(m.say("Purchase")), *(Column(head, number=True) for head in heads)),
        tuple(
            Row((name, *(_rate(m, rows, purchase, days) for days in DAYS)))
            for purchase, name in names.items()
            if any((purchase, days) in rows for days in DAYS)
        ),
    )


def _rate(m: Material, rows: Rates, purchase: int, days: int) -> str:
    row = rows.get((purchase, days))
    return "–" if row is None else m.say.percent(row["rate"], 1)
