"""Segments by recency, frequency and money: who they are and what to try."""

from __future__ import annotations

from typing import Any

from kizuna.charts import segments
from kizuna.report.blocks import Column, Grid, Note, Picture, Row, Section
from kizuna.report.material import Material
from kizuna.report.names import segment_key, segment_name, words

ADVICE = {
    "champions": words(
        "Thank them, show new things first, ask for referrals; a discount is wasted here."
    ),
    "loyal": words("Reward the habit; offer what goes with what they buy."),
    "potential_loyalists": words(
        "Make the next order easy; offer membership or a second category."
    ),
    "new": words("Welcome them and help with the first purchase: the second order decides."),
    "promising": words("Give a reason to come back soon."),
    "needs_attention": words("Remind them of what they liked before the habit breaks."),
    "about_to_sleep": words("A light, cheap reminder; watch whether it pays."),
    "at_risk": words("Find out what went wrong; write or call those of high value."),
    "cant_lose": words("Personal contact now: they brought much and have gone quiet."),
    "hibernating": words("Low-cost messages only."),
    "lost": words("Leave in peace unless a test shows that writing pays."),
}


def section(m: Material) -> Section:
    """Draw the shares and list the segments with what to try."""
    rows = sorted(m.rows("segments"), key=lambda row: -(row["residual_clv"] or 0.0))
    title = m.say("Segments")
    if not rows:
        note = Note("unknown", m.say("Needs orders with an amount."), m.say("Not yet known"))
        return Section("segments", title, blocks=(note,))
    lead = m.say("By how recently, how often and for how much customers bought (RFM, in fifths).")
    blocks = [_table(m, rows)]
    if any(row["residual_clv"] for row in rows):
        return Section("segments", title, lead, (_picture(m, rows), *blocks))
    return Section("segments", title, lead, blocks)


def advice(m: Material, segment: str) -> str:
    """Suggest what to try with a segment; nothing for a name of the user's own."""
    known = ADVICE.get(segment_key(segment))
    return m.say(known) if known else "–"


def _picture(m: Material, rows: list[dict[str, Any]]) -> Picture:
    total = sum(row["residual_clv"] or 0.0 for row in rows)
    people = sum(row["customers"] for row in rows)
    top = rows[0]
    says = m.say(
        "“{segment}” are {people} of customers and hold {value} of the value to come.",
        segment=segment_name(m.say, top["rfm_segment"]),
        people=m.say.percent(top["customers"] / max(people, 1)),
        value=m.say.percent((top["residual_clv"] or 0.0) / total if total else 0.0),
    )
    names = {row["rfm_segment"]: segment_name(m.say, row["rfm_segment"]) for row in rows}
    return Picture(
        "segment-shares",
        m.say("Share of customers and share of value to come"),
        says,
        segments(m.tables["segments"], names=names, words=m.say),
        _shares(m, rows, people, total),
    )


def _shares(m: Material, rows: list[dict[str, Any]], people: float, total: float) -> Grid:
    heads = (m.say("Share of customers"), m.say("Share of value to come"))
    return Grid(
        m.say("Shares by segment"),
        (Column(m.say("Segment")), *(Column(head, number=True) for head in heads)),
        tuple(
            Row(
                (
                    segment_name(m.say, row["rfm_segment"]),
                    m.say.percent(row["customers"] / max(people, 1), 1),
                    m.say.percent((row["residual_clv"] or 0.0) / total if total else 0.0, 1),
                )
            )
            for row in rows
        ),
    )


def _table(m: Material, rows: list[dict[str, Any]]) -> Grid:
    keys = ("historical_value", "residual_clv", "mean_residual_clv")
    write = {key: m.say.column([row[key] for row in rows]) for key in keys}
    heads = (
        m.say("Customers"),
        m.say("Value so far"),
        m.say("Value to come"),
        m.say("Per customer"),
        m.say("P(active)"),
    )
    return Grid(
        m.say("Segments and what to try"),
        (
            Column(m.say("Segment")),
            *(Column(head, number=True) for head in heads),
            Column(m.say("What to try")),
        ),
        tuple(
            Row(
                (
                    segment_name(m.say, row["rfm_segment"]),
                    m.say.number(row["customers"]),
                    *(write[key](row[key]) for key in keys),
                    m.say.percent(row["mean_p_alive"]),
                    advice(m, row["rfm_segment"]),
                )
            )
            for row in rows
        ),
        foot=m.say(
            "What to try is usual practice, not a result: test each against customers who are "
            "left alone."
        ),
    )
