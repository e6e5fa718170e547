"""Segments, members, the RFM map and stages as tables; each number leads to its customers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kizuna.pipeline.know import lifecycle_stages
from kizuna.pipeline.parameters import minor_units
from kizuna.pipeline.rules.reading import read
from kizuna.web.know.publications.queries import Published
from kizuna.web.know.segments.models import Segment
from kizuna.web.know.segments.queries import Members, Row
from kizuna.web.know.segments.stage_tables import stage_names
from kizuna.web.know.segments.stages import in_force, newest, usable
from kizuna.web.know.segments.wording import sentence
from kizuna.web.ui.components import Cell, Column, Explain, Tab, Table
from kizuna.web.ui.templatetags.ui import day, minor_money, moment, writer


def tabs(current: str) -> list[Tab]:
    """Lead from one page of segments to the others."""
    pages = (("list", _("Segments")), ("rfm", _("RFM map")), ("stages", _("Stages")))
    return [Tab(word, reverse(f"segments:{name}"), name == current) for name, word in pages]


def segments(found: Sequence[Segment], state: Published | None) -> Table:
    """Set out the segments."""
    heads = [Column(_("Segment")), Column(_("Kind"))]
    heads += [Column(w, number=True) for w in (_("Customers"), _("Value to come"))]
    heads += [
        Column(w, number=True) for w in (_("Value at risk of purchases"), _("Entered"), _("Left"))
    ]
    rows = [_segment(one, state) for one in found]
    return Table(_("Segments"), [*heads, Column(_("State"))], rows)


def _segment(one: Segment, state: Published | None) -> list[Any]:
    say, currency = writer(), state.currency if state else "XXX"
    link = reverse("segments:one", args=[one.pk])
    numbers = (
        "–" if one.customers is None else say.number(one.customers),
        *(minor_money(amount, currency) for amount in (one.value, one.at_risk)),
        *(say.number(count) for count in (one.entered, one.left)),
    )
    return [
        Cell(one.name, link),
        one.get_kind_display(),
        *(Cell(text, link) for text in numbers),
        _state(one),
    ]


def _state(one: Segment) -> Cell:
    if one.problem:
        return Cell(_("Rule cannot be used"), mood="serious")
    if one.built_at is None or (one.live and one.built_version != one.version):
        return Cell(_("Being found"), mood="info")
    if one.customers == 0:
        return Cell(_("Nobody"), mood="caution")
    return Cell(_("Up to date"), mood="good")


def stats(one: Segment, state: Published | None) -> list[dict[str, Any]]:
    """Give the numbers of a segment, each with how it is computed."""
    say, currency = writer(), state.currency if state else "XXX"
    built = moment(one.built_at) if one.built_at else ""
    told = (
        (
            _("Customers"),
            "" if one.customers is None else say.number(one.customers),
            _("Customers of whom the rule holds. Of what is not known, no condition holds."),
            "count(customer_id)",
        ),
        (
            _("Value to come"),
            "" if one.value is None else minor_money(one.value, currency),
            _("Sum of the expected margin of the segment's customers over the horizon."),
            "Σ residual_clv",
        ),
        (
            _("Value at risk of purchases"),
            "" if one.at_risk is None else minor_money(one.at_risk, currency),
            _("Expected loss: value to come × probability of having left, summed."),
            "Σ (1 − p_alive) · residual_clv",
        ),
    )
    return [
        {"label": label, "value": value, "explain": Explain(text, formula, as_of=built)}
        for label, value, text, formula in told
    ]


def members(page: Members, state: Published | None, one: Segment) -> Table:
    """Set out a page of the customers; each has the reason why she is in."""
    currency = state.currency if state else "XXX"
    heads = [Column(_("Customer")), Column(_("In it since"))]
    heads += [
        Column(_("Value to come"), number=True),
        Column(_("Value at risk of purchases"), number=True),
    ]
    rows: list[list[Any]] = [
        [
            _customer(row),
            _day(row["since_at"]),
            minor_money(row["residual_clv"], currency),
            minor_money(row["value_at_risk"], currency),
        ]
        for row in page.items
    ]
    if not one.live:
        return Table(_("Customers in this segment"), heads, rows)
    for cells, row in zip(rows, page.items, strict=True):
        query = {"id": row["customer_id"]}
        cells.append(Cell(_("Why?"), reverse("segments:why", args=[one.pk], query=query)))
    return Table(_("Customers in this segment"), [*heads, Column(_("Reason"))], rows)


def moves(found: Sequence[Row]) -> Table | None:
    """Set out who entered and who left last; None where nobody has."""
    words = {"entered": Cell(_("entered"), mood="info"), "left": Cell(_("left"), mood="caution")}
    rows: list[list[Any]] = [
        [_day(row["moved_at"]), _customer(row), words[row["kind"]]] for row in found
    ]
    heads = [Column(_("Day")), Column(_("Customer")), Column(_("Movement"))]
    return Table(_("Who came and went, the latest first"), heads, rows) if rows else None


def of_customer(found: Sequence[tuple[Segment, datetime | None]], customer_id: str) -> Table | None:
    """Say of each segment whether a customer is in, and lead to why; those she is in first."""
    heads = [Column(_("Segment")), Column(_("This customer")), Column(_("In it since"))]
    rows: list[list[Any]] = [
        [
            Cell(one.name, reverse("segments:one", args=[one.pk])),
            Cell(_("in it"), mood="good") if since else Cell(_("not in it"), mood="unknown"),
            _day(since) if since else "–",
            _why(one, customer_id),
        ]
        for one, since in sorted(found, key=lambda pair: pair[1] is None)
    ]
    return Table(_("Segments"), [*heads, Column(_("Reason"))], rows) if rows else None


def _why(one: Segment, customer_id: str) -> Cell:
    url = reverse("segments:why", args=[one.pk], query={"id": customer_id}) if one.live else ""
    return Cell(_("Why?") if one.live else "–", url)


def export(found: Iterable[Row], state: Published | None) -> Iterator[list[Any]]:
    """Give the header and then every customer, amounts in units of the currency."""
    units = minor_units(state.currency) if state else 1
    yield ["customer_id", "name", "since", "residual_clv", "value_at_risk"]
    for row in found:
        money = [None if (v := row[n]) is None else round(v / units, 4) for n in _AMOUNTS]
        yield [row["customer_id"], row["name"], row["since_at"].date().isoformat(), *money]


_AMOUNTS = ("residual_clv", "value_at_risk")


def rfm(found: Sequence[Row], state: Published | None) -> Table:
    """Set out the map: how often across, how lately down; the number of customers and value."""
    cells = {(row["r"], row["f"]): row for row in found}
    heads = [Column(_("How lately (5: latest)"))]
    heads += [Column(_("How often: %(score)s") % {"score": f}, number=True) for f in range(1, 6)]
    rows: list[list[Any]] = [
        [str(r), *(_cell(cells.get((r, f)), state) for f in range(1, 6))] for r in range(5, 0, -1)
    ]
    return Table(_("Customers by recency and frequency, with their value to come"), heads, rows)


def _cell(row: Row | None, state: Published | None) -> Cell:
    if row is None:
        return Cell("–")
    currency = state.currency if state else "XXX"
    said = f"{writer().number(row['customers'])} · {minor_money(row['value'], currency)}"
    return Cell(said, _who(f"recency_score = {row['r']} AND frequency_score = {row['f']}"))


def _who(rule: str) -> str:
    return reverse("segments:who", query={"rule": rule})


def matching(page: Members, state: Published | None) -> Table:
    """Set out customers of a rule that is not kept."""
    currency = state.currency if state else "XXX"
    heads = [Column(_("Customer"))]
    heads += [
        Column(_("Value to come"), number=True),
        Column(_("Value at risk of purchases"), number=True),
    ]
    rows: list[list[Any]] = [
        [_customer(row), *(minor_money(row[name], currency) for name in _AMOUNTS)]
        for row in page.items
    ]
    return Table(_("Customers"), heads, rows)


def stages(found: Sequence[Row], state: Published | None) -> Table:
    """Set out the stages: how many, what they are worth, how many are stuck."""
    known = {row["stage"]: row for row in found}
    heads = [Column(_("Stage")), Column(_("Customers"), number=True)]
    heads += [Column(w, number=True) for w in (_("Value to come"), _("Median days in it"))]
    heads += [Column(_("Should last (days)"), number=True), Column(_("Longer than that"), True)]
    kept, names = newest(), stage_names()
    listed = in_force(kept)
    lasting = {one.name: one.expected_days for one in listed}
    gone = sorted(key for key in known if key is not None and key not in lasting)
    rows = [
        _stage(key, names.get(key, key), known.get(key), lasting.get(key), state)
        for key in (*lasting, *gone)
    ]
    return Table(_("Customers by stage"), heads, rows)


def _stage(
    key: str, name: str, row: Row | None, lasts: int | None, state: Published | None
) -> list[Any]:
    say, currency = writer(), state.currency if state else "XXX"
    row = row or {"customers": 0, "value": None, "days": None, "stuck": 0}
    url = _who(f"lifecycle_stage = '{key}'") if row["customers"] else ""
    days = "–" if row["days"] is None else say.number(row["days"])
    numbers = say.number(row["customers"]), minor_money(row["value"], currency), days
    told = [Cell(text, url) for text in numbers]
    expected = say.number(lasts) if lasts else "–"
    longer = _who(f"lifecycle_stage = '{key}' AND stage_stuck") if row["stuck"] else ""
    return [name, *told, expected, Cell(say.number(row["stuck"]), longer) if lasts else "–"]


def stage_of(row: Row | None) -> str:
    """Say in which stage a customer is, how long, and whether that is longer than expected."""
    if row is None:
        return ""
    key, say = str(row["lifecycle_stage"]), writer()
    said = stage_names().get(key, key)
    if row["stage_days"] is not None:
        days = int(row["stage_days"])
        for_days = ngettext("for %(n)s day", "for %(n)s days", days) % {"n": say.number(days)}
        said = _("%(stage)s, %(days)s") % {"stage": said, "days": for_days}
    if row["stage_stuck"]:
        lasts = {"stage": said, "n": say.number(row["stage_expected_days"])}
        return _("%(stage)s; it should last %(n)s days") % lasts
    return said


def stage_rules() -> Table:
    """Say by which rules a customer is in a stage."""
    facts, names = lifecycle_stages.known(), stage_names()
    heads = [Column(_("Stage")), Column(_("Enters when")), Column(_("Leaves when"))]
    rows = [
        [
            names.get(one.name, one.name),
            sentence(read(one.entry, facts).part),
            sentence(read(one.exit, facts).part) if one.exit else "–",
        ]
        for one in usable(newest())
    ]
    return Table(_("Rules of the stages, in their order: the first that holds counts"), heads, rows)


def stuck(found: Sequence[Row], state: Published | None) -> Table:
    """List who has been in a stage for longer than it should last, the most valuable first."""
    say, currency = writer(), state.currency if state else "XXX"
    names = stage_names()
    heads = [Column(_("Customer")), Column(_("Stage")), Column(_("Days in it"), number=True)]
    heads += [Column(w, number=True) for w in (_("Should last (days)"), _("Value to come"))]
    rows: list[list[Any]] = [
        [
            _customer(row),
            names.get(row["stage"], row["stage"]),
            say.number(row["stage_days"]),
            say.number(row["stage_expected_days"]),
            minor_money(row["residual_clv"], currency),
        ]
        for row in found
    ]
    return Table(_("Longer in a stage than it should last"), heads, rows)


def _customer(row: Row) -> Cell:
    url = reverse("customers:one", query={"id": row["customer_id"]})
    return Cell(row["name"] or row["customer_id"], url)


def _day(moment_in_utc: datetime) -> str:
    """Write the day of a moment of a table, which holds no zone."""
    return day(moment_in_utc.replace(tzinfo=UTC))
