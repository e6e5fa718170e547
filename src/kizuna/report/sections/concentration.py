"""Who carries the value."""

from __future__ import annotations

from kizuna.charts import concentration
from kizuna.charts.concentration import curve, share_at
from kizuna.report.blocks import Column, Grid, Note, Picture, Row, Section
from kizuna.report.material import Material

SHARES = (0.01, 0.05, 0.1, 0.2, 0.3, 0.5)


def section(m: Material) -> Section:
    """Draw both Lorenz curves and read them off at round shares."""
    title = m.say("Who carries the value")
    if not m.rows("concentration"):
        note = Note("unknown", m.say("Needs orders with an amount."), m.say("Not yet known"))
        return Section("concentration", title, blocks=(note,))
    picture = Picture(
        "concentration-curve",
        m.say("Share of value carried by the most valuable customers"),
        m.say(
            "The further a curve bends from the dotted line, the fewer customers carry the value."
        ),
        concentration(m.tables["concentration"], words=m.say),
        _numbers(m),
    )
    return Section("concentration", title, _says(m), (picture,))


def _says(m: Material) -> str:
    kind = "residual" if curve(m.tables["concentration"], "residual") else "historical"
    shares = [share_at(curve(m.tables["concentration"], kind), x) for x in (0.1, 0.2)]
    ten, twenty = (m.say.percent(share) for share in shares)
    if kind == "residual":
        message = (
            "Of the value to come, {ten} lies with the top 10% of customers and {twenty} "
            "with the top 20%."
        )
    else:
        message = (
            "Of the value so far, {ten} lies with the top 10% of customers and {twenty} "
            "with the top 20%."
        )
    return m.say(message, ten=ten, twenty=twenty)


def _numbers(m: Material) -> Grid:
    table = m.tables["concentration"]
    curves = [curve(table, kind) for kind in ("residual", "historical")]
    heads = (m.say("Value to come"), m.say("Value so far"))
    return Grid(
        m.say("Share of value"),
        (Column(m.say("Most valuable customers")), *(Column(head, number=True) for head in heads)),
        tuple(
            Row(
                (
                    m.say("top {share}", share=m.say.percent(x)),
                    *(m.say.percent(share_at(c, x), 1) if c else "–" for c in curves),
                )
            )
            for x in SHARES
        ),
    )
