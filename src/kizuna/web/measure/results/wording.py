"""The list of actions, all of them together, and the customers behind, as they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from kizuna.web.measure.results import explained, words
from kizuna.web.measure.results.queries import TO_DATE, Finding, Findings, Row, Together, Units
from kizuna.web.ui.components import Cell, Column, Tab, Table
from kizuna.web.ui.templatetags.ui import writer

CLAIMS = ("earns", "harms")
"""Verdicts that claim something, and so may be luck among many."""


def listed(found: Findings) -> dict[str, Any]:
    """Give the list of actions with their verdicts."""
    currency = found.state.currency if found.state else ""
    return {
        "results": [card(one, currency) for one in found.items],
        "tabs": _tabs(found),
        "currency": currency,
        "as_of": found.state.publication.as_of if found.state else None,
    }


def card(found: Finding, currency: str) -> dict[str, Any]:
    """Give what stands for one action in a list."""
    row, say = found.row, writer()
    shown: dict[str, Any] = {
        "name": found.name,
        "url": reverse("results:one", args=[found.experiment_id]),
        "kind": words.kind(found.kind),
        "state": found.action.get_state_display() if found.action else "",
        "word": words.verdicts()[found.verdict],
        "mood": words.MOODS[found.verdict],
        "sentence": words.sentence(found, currency),
    }
    if row is not None:
        sizes = {"treated": say.number(row["treated"]), "control": say.number(row["control"])}
        sizes["days"] = words.horizon(row["horizon_days"])
        text = _("%(treated)s treated, %(control)s held out · %(days)s")
        shown["sizes"] = text % sizes
    return shown


def _tabs(found: Findings) -> list[Tab]:
    url, names = reverse("results:list"), words.verdicts()
    every = sum(found.words.values())
    tabs = [Tab(_("All (%(n)s)") % {"n": writer().number(every)}, url, not found.word)]
    for word, count in found.words.items():
        if count:
            label = _("%(word)s (%(n)s)") % {"word": names[word], "n": writer().number(count)}
            tabs.append(Tab(label, f"{url}?verdict={word}", word == found.word))
    return tabs


def together(found: Together) -> dict[str, Any]:
    """Give all actions together."""
    to_date = next((row for row in found.sums if row["horizon_days"] == TO_DATE), None)
    return {
        "whole": _whole(to_date, found.state.currency) if to_date else None,
        "sums": _sums(found) if found.sums else None,
        "claims": _claims(found) if found.claims else None,
        "stands": explained.stands(),
        "drawn": explained.drawn(),
        "waiting": found.waiting,
    }


def _whole(row: Row, currency: str) -> dict[str, Any]:
    names = ("claimed", "claimed_low", "claimed_high")
    shown = dict(zip(names, words.amounts(row, names, currency), strict=True))
    parts = {
        "claimed": shown["claimed"],
        "claimed_range": words.between(row, "claimed", currency),
        "explain": explained.whole(),
    }
    if row["whole"] is None:
        return parts | {
            "mood": "unknown",
            "unknown": _("needs customers whom no action reaches, and 200 of them at least"),
            "verdict": _(
                "Without a global control nobody knows what all actions together earned: claims "
                "may take from one another."
            ),
        }
    parts |= {"whole": words.amount(row["whole"], currency)}
    parts |= {"whole_range": words.between(row, "whole", currency)}
    parts |= {"excess": words.amount(row["excess"], currency)}
    parts |= {"excess_range": words.between(row, "excess", currency)}
    return parts | _agreement(row)


def _agreement(row: Row) -> dict[str, Any]:
    if row["overclaimed"]:
        text = _(
            "Claims sum to more than all actions together earned: some are too high, or take from "
            "one another. Do not add up the amounts of single actions."
        )
        return {"mood": "caution", "verdict": text}
    if row["excess_high"] < 0:
        text = _(
            "All actions together earned more than their claims sum to: they help one another."
        )
        return {"mood": "good", "verdict": text}
    text = _("The claims and the whole agree, as far as the data can tell.")
    return {"mood": "good", "verdict": text}


def _sums(found: Together) -> Table:
    currency, say = found.state.currency, writer()
    columns = [Column(_("Days counted")), Column(_("Customer actions"), number=True)]
    columns += [Column(_("Sum of claims"), number=True), Column(_("90% interval"), number=True)]
    columns += [Column(_("All together"), number=True), Column(_("90% interval"), number=True)]
    rows: list[list[str | Cell]] = [
        [
            words.horizon(row["horizon_days"]),
            say.number(row["actions"]),
            words.amount(row["claimed"], currency),
            words.ends(row, "claimed", currency),
            _("not yet known") if row["whole"] is None else words.amount(row["whole"], currency),
            words.ends(row, "whole", currency),
        ]
        for row in found.sums
    ]
    return Table(_("The sum of claims against the global control"), columns, rows)


def _claims(found: Together) -> Table:
    currency = found.state.currency
    columns = [Column(_("Customer action")), Column(_("Verdict")), Column(_("Among all claims"))]
    columns += [Column(_("Net of cost, a customer"), number=True)]
    columns += [Column(_("Best guess, luck taken off"), number=True)]
    columns += [Column(_("90% interval"), number=True)]
    return Table(
        _("Claims that may be looked at"),
        columns,
        [
            [
                Cell(one.name, url=reverse("results:one", args=[one.experiment_id])),
                Cell(words.verdicts()[one.verdict], mood=words.MOODS[one.verdict]),
                stood(claim) if one.verdict in CLAIMS else Cell(_("Claims nothing")),
                words.amount(claim["net_unit"], currency),
                words.amount(claim["shrunk"], currency),
                words.ends(claim, "shrunk", currency),
            ]
            for one, claim in found.claims
        ],
    )


def stood(claim: Row) -> Cell:
    """Say whether a claim stands among all."""
    if not claim["stands"]:
        return Cell(_("May be luck"), mood="unknown")
    if claim["net_unit"] > 0:
        return Cell(_("Stands: earns"), mood="good")
    return Cell(_("Stands: loses money"), mood="serious")


def units(found: Units) -> dict[str, Any]:
    """Give the customers who were compared."""
    currency, url = (
        found.state.currency,
        reverse("results:units", args=[found.finding.experiment_id]),
    )
    columns = [
        Column(_("Customer")),
        Column(_("Compared group")),
        Column(_("Margin earned"), number=True),
    ]
    columns += [Column(_("Margin before"), number=True), Column(_("Value foretold"), number=True)]
    columns += [Column(_("Spent on her"), number=True), Column(_("Actions done"), number=True)]
    rows = [_unit(row, currency) for row in found.rows]
    every = [("", _("Everybody")), *((arm, words.arm(arm)) for arm in found.arms)]
    query = f"?days={found.horizon}&arm="
    return {
        "table": Table(_("Customers compared"), columns, rows),
        "tabs": [Tab(label, f"{url}{query}{arm}", arm == found.arm) for arm, label in every],
        "days": words.horizon(found.horizon),
    }


def _unit(row: Row, currency: str) -> list[str | Cell]:
    customer = reverse("customers:one", query={"id": row["unit_id"]})
    return [
        Cell(row["unit_id"], url=customer),
        words.arm(row["arm"]) + (" *" if row["contaminated"] else ""),
        words.amount(row["outcome"], currency),
        words.amount(row["past"], currency),
        words.amount(row["predicted"], currency),
        words.amount(row["cost"], currency),
        writer().number(row["deeds"]),
    ]


def exported(found: list[Finding]) -> list[list[object]]:
    """Give the list as rows of a file: amounts in the minor unit, as the tables have them."""
    names = (
        *("treated", "control", "effect", "effect_low", "effect_high", "unit_cost", "total"),
        *("total_low", "total_high", "net", "roi", "sample_ratio_p", "variance_removed"),
    )
    head: list[object] = ["action", "name", "kind", "verdict", "horizon_days", *names]
    rows: list[list[object]] = [head]
    for one in found:
        row = one.row or {}
        kept = [row.get("horizon_days"), *(row.get(name) for name in names)]
        rows.append([one.experiment_id, one.name, one.kind, one.verdict, *kept])
    return rows


UNIT_COLUMNS = (
    *("unit_id", "arm", "horizon_days", "outcome", "past", "predicted", "cost", "deeds"),
    *("contaminated", "stratum"),
)


def exported_units(rows: Iterable[Row]) -> Iterator[Sequence[object]]:
    """Give the customers who were compared as rows of a file, in the columns of the table."""
    yield UNIT_COLUMNS
    for row in rows:
        yield [row[name] for name in UNIT_COLUMNS]
