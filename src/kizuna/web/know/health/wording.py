"""The portfolio in words: bands, owners, who fell and why; lists of customers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kizuna.web.know.health.queries import Listed, Portfolio, Row
from kizuna.web.know.health.words import (
    BASELINE,
    MOODS,
    bands,
    driver,
    groups,
    kinds,
    one_url,
    scored,
    signed,
)
from kizuna.web.ui.components import Cell, Column, Explain, Tab, Table
from kizuna.web.ui.templatetags.ui import minor_money, writer


def portfolio(found: Portfolio) -> dict[str, Any]:
    """Give what the page of health shows beside the back-test."""
    return {
        "stats": _stats(found),
        "bands": _bands(found),
        "owners": _owners(found.owners, found.state.currency),
        "moved": _moved(found),
        "ways": _ways(found),
        "movers": _movers(found),
        "fell": _fell(found),
        "explain": _explain(found),
        "limits": _limits(found.limits),
    }


def listed(found: Listed) -> dict[str, Any]:
    """Give the list of customers, and what was asked."""
    asked, columns = found.asked, [Column(_("Customer")), Column(_("Health (100 = healthy)"))]
    columns += [Column(_("Groups with data"), number=True), Column(_("Scorecard"), number=True)]
    columns += [Column(_("MRR"), number=True), Column(_("Value at risk of purchases"), number=True)]
    columns += [Column(_("Account owner"))]
    names = [bands().get(asked.band, ""), kinds().get(asked.kind, ""), asked.owner]
    names += [movements().get(asked.moved, "")]
    rows = [_listed(found, row) for row in found.rows]
    return {
        "table": Table(_("Customers, the least healthy first"), columns, rows),
        "asked": " · ".join(name for name in names if name) or _("All customers"),
    }


def _listed(found: Listed, row: Row) -> list[str | Cell]:
    say, currency = writer(), found.state.currency
    override = found.overrides.get(row["customer_id"])
    return [
        _customer(row),
        scored(row, override),
        "–" if row["health_known"] is None else say.percent(row["health_known"]),
        "–" if row["scorecard"] is None else say.number(row["scorecard"]),
        _money(row["mrr"], currency),
        _money(row["value_at_risk"], currency),
        row["owner"] or "–",
    ]


def _customer(row: Row) -> Cell:
    return Cell(row["name"] or row["customer_id"], url=one_url(row["customer_id"]))


def _money(amount: float | None, currency: str) -> str:
    return _("no data") if amount is None else minor_money(amount, currency)


def _stats(found: Portfolio) -> list[dict[str, Any]]:
    say, sums = writer(), dict.fromkeys(bands(), 0)
    for row in found.bands:
        sums[row["band"]] += row["customers"]
    return [
        {
            "label": label,
            "mood": MOODS[band],
            "value": say.number(sums[band]),
            "url": _url(band=band),
        }
        for band, label in bands().items()
    ]


def _bands(found: Portfolio) -> Table:
    columns = [Column(_("What leaving means")), Column(_("Band"))]
    columns += [Column(_("Customers"), number=True), Column(_("Of these by hand"), number=True)]
    columns += [Column(_("Mean health"), number=True)]
    columns += [Column(_("MRR"), number=True), Column(_("Value at risk of purchases"), number=True)]
    order = {(k, b): (i, j) for i, k in enumerate(kinds()) for j, b in enumerate(bands())}
    rows = sorted(found.bands, key=lambda row: order[row["kind"], row["band"]])
    return Table(
        _("Customers by band (100 = healthy)"), columns, [_band(found, row) for row in rows]
    )


def _band(found: Portfolio, row: Row) -> list[str | Cell]:
    say, currency = writer(), found.state.currency
    url = _url(band=row["band"], kind=row["kind"])
    numbers = (
        say.number(row["customers"]),
        say.number(row["by_hand"]) if row["by_hand"] else "–",
        "–" if row["health"] is None else say.number(row["health"]),
        _money(row["mrr"], currency) if row["kind"] == "contract" else "–",
        _money(row["value_at_risk"], currency),
    )
    return [
        kinds()[row["kind"]],
        Cell(bands()[row["band"]], mood=MOODS[row["band"]]),
        *(Cell(text, url="" if text == "–" else url) for text in numbers),
    ]


def _owners(rows: Sequence[Row], currency: str) -> Table:
    say = writer()
    columns = [Column(_("Account owner")), Column(_("Customers"), number=True)]
    columns += [Column(label, number=True) for label in bands().values()]
    columns += [
        Column(_("Mean health"), number=True),
        Column(_("Value at risk of purchases"), number=True),
    ]
    found: list[list[str | Cell]] = [
        [
            row["owner"],
            Cell(say.number(row["customers"]), url=_url(owner=row["owner"])),
            *(_of_owner(row, band) for band in bands()),
            "–"
            if row["health"] is None
            else Cell(say.number(row["health"]), url=_url(owner=row["owner"])),
            Cell(_money(row["value_at_risk"], currency), url=_url(owner=row["owner"])),
        ]
        for row in rows
    ]
    return Table(_("By account owner"), columns, found)


def _of_owner(row: Row, band: str) -> Cell:
    text = writer().number(row[band])
    return Cell(text, url=_url(band=band, owner=row["owner"]) if row[band] else "")


def _moved(found: Portfolio) -> str:
    """Say how many moved, against what."""
    row, say = found.moves.get(found.compared), writer()
    if row is None:
        return _("Nothing to compare with yet: the next day's figures tell who moved.")
    shown = {name: say.number(row[name]) for name in ("customers", "fell", "rose")}
    shown |= {name: say.number(row[name]) for name in ("band_down", "band_up")}
    shown["day"] = say.day(row["last_on"])
    return (
        _(
            "Of %(customers)s customers who had a health on %(day)s, %(fell)s fell by 5 points or "
            "more and %(rose)s rose; %(band_down)s are in a lower band and %(band_up)s in a "
            "higher one."
        )
        % shown
    )


def movements() -> dict[str, str]:
    """Name how health can have moved."""
    return {
        "fell": _("fell by 5 points or more"),
        "rose": _("rose by 5 points or more"),
        "down": _("in a lower band"),
        "up": _("in a higher band"),
    }


def _movers(found: Portfolio) -> list[Cell]:
    """Lead to the customers behind each number of what moved."""
    row = found.moves.get(found.compared)
    if row is None:
        return []
    counts = {"fell": row["fell"], "rose": row["rose"], "down": row["band_down"]}
    counts |= {"up": row["band_up"]}
    return [
        Cell(f"{word} ({writer().number(counts[way])})", _url(moved=way, compared=found.compared))
        for way, word in movements().items()
        if counts[way]
    ]


def _ways(found: Portfolio) -> list[Tab]:
    names = {
        "told": _("Since the publication before"),
        "computed": _("In about a month, by the model of now"),
    }
    query = reverse("health:portfolio") + "?compared="
    return [
        Tab(names[way], f"{query}{way}#moved", way == found.compared)
        for way in names
        if way in found.moves
    ]


def _fell(found: Portfolio) -> Table:
    columns = [Column(_("Customer")), Column(_("Health (100 = healthy)"))]
    columns += [Column(_("Change"), number=True), Column(_("Why"))]
    columns += [Column(_("Value at risk of purchases"), number=True)]
    rows: list[list[str | Cell]] = []
    for row in found.fell:
        health = scored(row, found.overrides.get(row["customer_id"]))
        risk = _money(row["value_at_risk"], found.state.currency)
        rows.append(
            [_customer(row), health, signed(row["change"]), why(row, found.state.currency), risk]
        )
    return Table(_("Who fell most"), columns, rows)


def why(row: Row, currency: str) -> str:
    """Say what moved a customer's health: the group, and the fact that weighs most now."""
    say = writer()
    shown = {"before": say.number(row["before"]), "now": say.number(row["health"])}
    shown["day"] = say.day(row["before_on"])
    said = [_("from %(before)s to %(now)s since %(day)s") % shown]
    if row["moved_group"] is not None:
        named = {"group": groups()[row["moved_group"]], "points": signed(row["moved_points"])}
        said.append(_("mostly %(group)s (%(points)s)") % named)
    said += _late(row)
    if row.get("fact") and row["fact"] != BASELINE:
        said.append(driver(row, currency))
    return " · ".join(said)


def _late(row: Row) -> list[str]:
    """Say that a customer is later than usual with the next purchase."""
    days, gap, say = row.get("days_since_purchase"), row.get("usual_gap_days"), writer()
    if row.get("churn_kind") != "purchase" or days is None or gap is None or days <= gap:
        return []
    shown = {"days": say.number(days), "gap": say.number(gap)}
    return [_("last bought %(days)s days ago, usually every %(gap)s days") % shown]


def _limits(rows: Sequence[Row]) -> list[str]:
    """Say where the bands begin."""
    said = []
    for kind, label in list(kinds().items())[:2]:
        own = {row["band"]: row["from_health"] for row in rows if row["kind"] == kind}
        if own:
            shown = {"kind": label, "watch": writer().number(own["watch"])}
            shown["healthy"] = writer().number(own["healthy"])
            text = _("%(kind)s: to watch from %(watch)s, healthy from %(healthy)s")
            said.append(text % shown)
    return said


def _explain(found: Portfolio) -> Explain:
    horizons = {row["kind"]: row["horizon_days"] for row in found.tests.churn}
    said = []
    for kind, label in list(kinds().items())[:2]:
        if kind in horizons:
            days = ngettext("%(n)s day", "%(n)s days", horizons[kind]) % {"n": horizons[kind]}
            said.append(_("%(kind)s: %(days)s") % {"kind": label, "days": days})
    return Explain(
        _(
            "How sure it is that a customer stays, 0 to 100; 100 = healthy. Of the customers with "
            "health 80, about 80 in 100 stay. No data is grey, and is never 0. Where a person has "
            "set it, what was set counts in the bands; who moved and the back-test "
            "go by what is computed."
        ),
        _("100 × (1 − probability of leaving within the horizon)"),
        _("Days ahead: %(days)s") % {"days": ", ".join(said)} if said else "",
        back_test=_("Beside it on this page: how many of each band left on a later period."),
        as_of=writer().day(found.state.publication.as_of) if found.state.publication.as_of else "",
    )


def _url(**asked: str) -> str:
    return reverse("health:listed", query=asked)
