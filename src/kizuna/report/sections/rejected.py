"""Rows that were left out, by reason."""

from __future__ import annotations

from kizuna.pipeline.capture.reasons import REASONS
from kizuna.report.blocks import Column, Grid, Note, Row, Section
from kizuna.report.material import Material
from kizuna.report.sections.notes import text_of


def section(m: Material) -> Section:
    """Count rows read and rows left out."""
    found = m.get("rows_rejected") or {}
    read, left_out = m.get("rows_read") or 0, sum(found.values())
    title = m.say("Rows read and rows left out")
    if not left_out:
        text = m.say("All {read} rows were used.", read=m.say.number(read))
        return Section("rejected", title, blocks=(Note("good", text),))
    lead = m.say(
        "Of {read} rows, {left_out} ({share}) were left out; each is listed in rejected.csv "
        "with its line and reason.",
        read=m.say.number(read),
        left_out=m.say.number(left_out),
        share=m.say.percent(left_out / max(read, 1), 2),
    )
    return Section("rejected", title, lead, (_table(m, found, read),))


def _table(m: Material, found: dict[str, int], read: int) -> Grid:
    ordered = sorted(found.items(), key=lambda pair: -pair[1])
    return Grid(
        m.say("Rows left out, by reason"),
        (
            Column(m.say("Reason")),
            Column(m.say("Rows"), number=True),
            Column(m.say("Share"), number=True),
        ),
        tuple(
            Row(
                (
                    text_of(m, REASONS.get(why, why)),
                    m.say.number(n),
                    m.say.percent(n / max(read, 1), 2),
                )
            )
            for why, n in ordered
        ),
        shown_caption=False,
    )
