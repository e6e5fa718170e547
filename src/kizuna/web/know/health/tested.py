"""The back-test of health in words: by band, learned beside the scorecard, what is used and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from django.utils.translation import gettext as _

from kizuna.charts.churn_reliability import churn_reliability
from kizuna.web.know.health.queries import Row, Tests
from kizuna.web.know.health.words import MOODS, bands, kinds
from kizuna.web.ui.components import Cell, Column, Explain, Table
from kizuna.web.ui.templatetags.ui import writer


def tested(found: Tests) -> list[dict[str, Any]]:
    """Give the back-test of each kind of customer."""
    used = {row["kind"]: row for row in found.churn if row["used"]}
    return [_of_kind(found, kind, used[kind]) for kind in kinds() if kind in used]


def by_band(rows: Sequence[Row], kind: str) -> Table:
    """List how many of each band left, for both scores."""
    say, names = writer(), bands()
    columns = [Column(_("Score")), Column(_("Band")), Column(_("Customers on days"), number=True)]
    columns += [Column(_("Left"), number=True), Column(_("90% interval"), number=True)]
    listed: list[list[str | Cell]] = [
        [
            scores()[row["score"]],
            Cell(names[row["band"]], mood=MOODS[row["band"]]),
            say.number(row["customers"]),
            say.percent(row["rate"], 1),
            f"{say.percent(row['rate_low'], 1)} – {say.percent(row['rate_high'], 1)}",
        ]
        for row in sorted(rows, key=_place)
        if row["kind"] == kind
    ]
    return Table(_("Who left, by band, on a later period"), columns, listed)


def beside(rows: Sequence[Row], kind: str) -> Table:
    """Put the learned score and the scorecard beside each other."""
    say = writer()
    columns = [Column(_("Score")), Column(_("Customers on days"), number=True)]
    columns += [Column(_("Left"), number=True), Column(_("Right order (AUC)"), number=True)]
    columns += [Column(_("Calibration slope (1 = right)"), number=True)]
    columns += [Column(_("Calibration error"), number=True)]
    listed: list[list[str | Cell]] = [
        [
            scores()[row["score"]],
            say.number(row["tested"]),
            say.number(row["lost"]),
            say.percent(row["auc"]),
            say.number(row["slope"], 2),
            say.percent(row["ece"], 1),
        ]
        for row in rows
        if row["kind"] == kind
    ]
    return Table(_("Both scores on the same customers and days"), columns, listed)


def explained() -> Explain:
    """Say how the numbers of the back-test are computed."""
    return Explain(
        _(
            "How health did on a later period, of which nothing was learned. AUC: of a customer "
            "who left and one who stayed, how often the one who left had the lower health; 50% is "
            "chance. Slope 1 and error 0: as many left as was forecast."
        ),
        _("left = customers on days who left within the horizon ÷ customers on days"),
        _("Customers on the days kept back; a customer may be counted on several days."),
        _("90%, of the share that left."),
    )


def scores() -> dict[str, str]:
    """Name both scores."""
    return {
        "learned": _("Computed health"),
        "renewal": _("Computed health of those bound, at renewal"),
        "scorecard": _("Scorecard"),
    }


def _of_kind(found: Tests, kind: str, used: Row) -> dict[str, Any]:
    chart = [r for r in found.reliability if r["kind"] == kind and r["model"] == used["model"]]
    names = (_("what came"), _("a perfect forecast"), _("share that left"))
    figure = churn_reliability(
        pa.Table.from_pylist(chart),
        names=names,
        title=_("Forecast probability of leaving"),
        words=writer(),
    )
    mine = [row for row in found.report if row["kind"] == kind]
    return {
        "kind": kind,
        "name": kinds()[kind],
        "verdict": _verdict(used),
        "mood": "caution" if used["reason"] in ("no_signal", "untested") else "info",
        "choice": _choice(mine),
        "by_band": by_band(found.by_band, kind),
        "explain": explained(),
        "beside": beside(found.report, kind),
        "figure": figure if chart else None,
        "id": f"reliability-{kind}",
        "period": _period(used),
    }


def _verdict(used: Row) -> str:
    """Say which forecast health is made of, and why that one."""
    say = writer()
    shown = {"events": say.number(used["events"]), "needed": say.number(used["needed"])}
    if used["auc"] is not None:
        shown["auc"] = say.percent(used["auc"])
    said = {
        "better": _(
            "Health is made of what was learned from the facts: on days kept back it did better "
            "than the pattern over time alone, and put who left above who stayed in %(auc)s of "
            "pairs."
        ),
        "worse": _(
            "Health is made of the pattern over time alone: on days kept back a learner with all "
            "facts did no better. It put who left above who stayed in %(auc)s of pairs."
        ),
        "too_few": _(
            "Health is made of the pattern over time alone: %(events)s customers left on the days "
            "that could be learnt from, and a learner needs %(needed)s."
        ),
        "no_signal": _(
            "The data shows no signal: nothing ranked who left above who stayed better than "
            "chance. Everybody has the same health, the share that stays."
        ),
        "untested": _(
            "Not tested yet: too few customers left on the days kept back. Health is made of the "
            "pattern over time alone; take it as a first guess."
        ),
    }
    return said[used["reason"]] % shown


def _choice(mine: Sequence[Row]) -> str:
    """Say why the learned score is the one in use, whichever ranks better."""
    found = {row["score"]: row for row in mine}
    if "learned" not in found or "scorecard" not in found:
        return ""
    say = writer()
    shown = {"learned": say.percent(found["learned"]["auc"])}
    shown["card"] = say.percent(found["scorecard"]["auc"])
    if found["scorecard"]["auc"] > found["learned"]["auc"]:
        return (
            _(
                "The scorecard put more pairs in the right order (%(card)s to %(learned)s). "
                "Computed health is used all the same, because only it is a probability; look at "
                "which facts the scorecard weighs."
            )
            % shown
        )
    return (
        _(
            "Computed health is used: it put more pairs in the right order (%(learned)s to "
            "%(card)s), and it is a probability; the scorecard is not."
        )
        % shown
    )


def _period(used: Row) -> str:
    if used["tested_from"] is None:
        return ""
    say = writer()
    days = {"first": say.day(used["tested_from"]), "last": say.day(used["tested_until"])}
    return _("Tested on days from %(first)s to %(last)s that nothing was learnt from.") % days


def _place(row: Row) -> tuple[str, int]:
    return row["score"], list(bands()).index(row["band"])
