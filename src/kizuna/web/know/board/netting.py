"""The card of the board that sets lifetime value beside what serving customers takes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from kizuna.pipeline.parameters import minor_units
from kizuna.report.material import Material
from kizuna.report.sections.acquisition import MOST_CHANNELS, channel_name
from kizuna.web.know.board.drill import customers
from kizuna.web.know.board.explained import Stat
from kizuna.web.know.board.parts import Part, Shown, Stats
from kizuna.web.know.rows.links import rows_url
from kizuna.web.ui.components import Cell, Column, Explain, Table, Text
from kizuna.web.ui.templatetags.ui import interval

NET, BOUNDS, SERVED = "channel_net_values", "channel_net_bounds", "channel_service_costs"
ALL = "*"

type Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Missing:
    """What is not known yet, and where to say it."""

    title: Text
    text: Text
    action: Text
    url: str
    mood: str = "unknown"
    kind: str = "missing"


def net_part(m: Material, tested: str) -> Part:
    """Give lifetime value less cost to serve, of all and by channel of acquisition."""
    title, rows = _("Lifetime value less cost to serve"), _listed(m)
    if not rows or rows[0]["cost_to_serve_to_date"] is None:
        return Part("net-value", title, "", [_missing(m)])
    blocks: list[object] = [Stats(_stats(m, rows[0], tested)), Shown(_table(m, rows), _foot(rows))]
    return Part("net-value", title, _lead(m, rows[0]), blocks)


def _listed(m: Material) -> list[Row]:
    """All together first, then the channels by customers; '' alone is no channel."""
    rows = {row["channel"]: row for row in m.rows(NET)}
    if ALL not in rows:
        return []
    others = sorted(
        (row for row in rows.values() if row["channel"] != ALL),
        key=lambda row: (-row["customers"], row["channel"]),
    )
    told = others if any(row["channel"] for row in others) else []
    return [rows[ALL], *told[:MOST_CHANNELS]]


def _missing(m: Material) -> Missing:
    url, title = reverse("retention:service"), _("No data")
    if not m.rows(SERVED):
        text = _(
            "No contacts with customers have been brought in, so nobody knows what serving them "
            "costs. Bring in mails, calls and chats; then say what a contact costs."
        )
        return Missing(title, text, _("Import contacts"), reverse("imports:list"))
    text = _(
        "Nobody has said yet what a contact costs. Once a manager has set it for each channel, "
        "this card shows what is left of lifetime value."
    )
    return Missing(title, text, _("Set what contacts cost"), url)


def _lead(m: Material, whole: Row) -> str:
    share = {
        "served": m.say.number(whole["served"]),
        "customers": m.say.number(whole["customers"]),
    }
    return _("%(served)s of these %(customers)s customers were ever in contact.") % share


def _stats(m: Material, whole: Row, tested: str) -> list[Stat]:
    day, money = m.say.day(whole["until_on"]), _money(m)
    rows = _(
        "Contacts on channels with a rate, in both directions; minutes not written down are 0."
    )
    horizon = _("Up to %(days)s days ahead.") % {"days": m.say.number(m.horizon_days)}
    ltv = Explain(
        _("What a customer has brought and will bring, before the cost of serving."),
        _("margin so far + value to come, mean of the customers"),
        _("Customers with orders; those whose cost of winning is known, or else all."),
        _("As wide as in the part above."),
        tested,
        day,
    )
    spent = Explain(
        _("What all contacts so far cost, for a customer."),
        _("Σ (cost of a contact + cost of a minute × minutes) ÷ customers"),
        rows,
        m.say("Counted, not estimated."),
        as_of=day,
    )
    ahead = Explain(
        _("What serving a customer is expected to cost."),
        _("cost of the year × probability of being a customer × years ahead"),
        horizon,
        _("The last 365 days are taken to go on; how far that holds is not known."),
        as_of=day,
    )
    served = _served(ALL)
    return [
        Stat(
            _("Lifetime value (LTV)"),
            money(whole["ltv"]),
            "",
            ltv,
            _url(ALL, sort="-historical_value"),
        ),
        Stat(_("Cost to serve so far"), money(whole["cost_to_serve_to_date"]), "", spent, served),
        Stat(_("Cost to serve ahead"), money(whole["cost_to_serve_ahead"]), horizon, ahead, served),
        Stat(
            _("LTV less cost to serve"),
            money(whole["ltv_net_of_service"]),
            "",
            _net(rows, tested, day),
            served,
            _bounds(m).get(ALL, ""),
        ),
    ]


def _net(rows: str, tested: str, day: str) -> Explain:
    """Say how lifetime value less cost to serve is computed, and how sure it is."""
    return Explain(
        _(
            "What is left of lifetime value when contacts are paid. If your margin already holds "
            "the cost of service, it is counted twice: then take it out of the margin."
        ),
        _("lifetime value − cost to serve so far − cost to serve ahead"),
        rows,
        _(
            "90 %: customers differ, what is still to come is as sure as that of all, and contacts "
            "come by chance, each at its cost. That the last year goes on is taken as given."
        ),
        tested,
        day,
    )


def _bounds(m: Material) -> dict[str, str]:
    """Write the interval of each channel that has one."""
    unit, currency = minor_units(m.say.currency or ""), m.say.currency or "XXX"
    return {
        row["channel"]: interval((row["ltv_net_low"] / unit, row["ltv_net_high"] / unit), currency)
        for row in m.rows(BOUNDS)
        if row["ltv_net_low"] is not None
    }


def _table(m: Material, rows: list[Row]) -> Table:
    names = ("cost_to_serve_to_date", "cost_to_serve_ahead")
    heads = [
        _("Customers"),
        _("Ever in contact"),
        _("LTV"),
        _("Cost to serve so far"),
        _("Cost to serve ahead"),
        _("LTV less cost to serve"),
        _("90% interval"),
    ]
    columns = [Column(_("Acquired by")), *(Column(head, number=True) for head in heads)]
    money, bounds = _money(m), _bounds(m)
    cells: list[list[Text | Cell]] = [
        [
            Cell(channel_name(m, row["channel"]), _url(row["channel"])),
            Cell(m.say.number(row["customers"]), _url(row["channel"])),
            Cell(m.say.number(row["served"]), _served(row["channel"])),
            Cell(money(row["ltv"]), _url(row["channel"], sort="-historical_value")),
            *(Cell(money(row[name]), _served(row["channel"])) for name in names),
            Cell(money(row["ltv_net_of_service"]), _served(row["channel"])),
            Cell(bounds.get(row["channel"], "–")),
        ]
        for row in rows
    ]
    return Table(_("A customer of each channel, less what serving costs"), columns, cells)


def _foot(rows: list[Row]) -> str:
    unpriced = sum(row["unpriced"] for row in rows if row["channel"] == ALL)
    same = _("Of the same customers as the cost of winning above. “–”: no data.")
    if not unpriced:
        return same
    least = _("%(n)s customers were in contact on channels without a rate alone: it is the least.")
    return f"{same} {least % {'n': unpriced}}"


def _url(channel: str, **sort: str) -> str:
    """Lead to the customers of a channel; of no channel there is no list."""
    if channel == ALL:
        return customers(**sort)
    return customers(channel=channel, **sort) if channel else ""


def _served(channel: str) -> str:
    """Lead to what serving each customer of a channel costs."""
    return rows_url("served", channel=channel)


def _money(m: Material) -> Any:
    unit = minor_units(m.say.currency or "")
    return lambda amount: "–" if amount is None else m.say.money(amount / unit)
