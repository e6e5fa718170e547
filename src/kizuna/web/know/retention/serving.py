"""What serving customers cost: by channel, by customer, and what it leaves of their value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from kizuna.pipeline.engine import Engine
from kizuna.pipeline.parameters import minor_units
from kizuna.web.know.customers.engines import own_engine
from kizuna.web.know.effort.words import channels as channel_names
from kizuna.web.know.publications.queries import Published, published
from kizuna.web.know.retention.models import ANY, ServiceRate
from kizuna.web.know.retention.wording import customer_url, money_of
from kizuna.web.know.rows.links import rows_url
from kizuna.web.ui.components import Cell, Column, Explain, Table
from kizuna.web.ui.templatetags.ui import interval, writer

type Row = dict[str, Any]

SHOWN = 50
ANYBODY = "SELECT 1 FROM cost_to_serve LIMIT 1"
OF_CUSTOMER = """
SELECT
    cost_to_serve_365d AS cost, cost_to_serve_to_date AS so_far,
    value_net_of_service AS ahead, ltv_net_of_service AS net,
    [value_net_of_service_low, value_net_of_service_high] AS ahead_bounds,
    [ltv_net_of_service_low, ltv_net_of_service_high] AS net_bounds
FROM cost_to_serve WHERE customer_id = $1"""
NEEDED = ("cost_to_serve", "channel_service_costs", "valued_customers")
DEAREST = f"""
SELECT customer_id, name, cost_to_serve_365d, residual_clv, value_net_of_service
FROM cost_to_serve LEFT JOIN valued_customers USING (customer_id)
WHERE cost_to_serve_365d > 0 ORDER BY cost_to_serve_365d DESC, customer_id LIMIT {SHOWN}"""
WHOLE = """
SELECT
    count(cost_to_serve_365d) AS customers, sum(cost_to_serve_365d) AS cost,
    count(value_net_of_service) AS valued,
    sum(residual_clv) FILTER (WHERE value_net_of_service IS NOT NULL) AS value,
    sum(value_net_of_service) AS net,
    count(*) FILTER (WHERE value_net_of_service < 0) AS below
FROM cost_to_serve LEFT JOIN valued_customers USING (customer_id)"""


@dataclass(frozen=True, slots=True)
class Serving:
    """Cost to serve as it is published."""

    state: Published
    channels: Sequence[Row]
    whole: Row
    dearest: Sequence[Row]

    @property
    def told(self) -> bool:
        """Whether there are rates, and contacts that they are for."""
        return bool(self.channels) and self.whole["cost"] is not None


def serving() -> Serving | None:
    """Give what serving cost; None where nothing is published."""
    state = published()
    if state is None or not all(state.has(name) for name in NEEDED):
        return None
    with Engine(threads=2) as engine:
        for name in ("cost_to_serve", "valued_customers"):
            if files := state.files(name):
                engine.register_parquet(name, files)
            else:
                engine.register(name, state.table(name))
        whole = engine.query(WHOLE).to_pylist()[0]
        dearest = engine.query(DEAREST).to_pylist()
    channels = state.table("channel_service_costs").to_pylist()
    channels.sort(key=lambda row: (-(row["cost"] or 0), -row["contacts"], row["channel"]))
    return Serving(state, channels, whole, dearest)


def of_customer(state: Published, customer_id: str) -> dict[str, Any]:
    """Give what serving one customer costs and leaves of her value, for her page."""
    names = ("cost_to_serve", "channel_service_costs")
    if not all(state.has(name) for name in names):
        return {}
    if not (files := state.files("cost_to_serve")):
        return {"missing": _no_rates(state)}
    with own_engine() as engine:
        engine.register_parquet("cost_to_serve", files)
        rows: list[Row] = engine.query(OF_CUSTOMER, [customer_id]).to_pylist()
        if not rows and not engine.query(ANYBODY).num_rows:
            return {"missing": _no_rates(state)}
    if not rows:
        return {"missing": _("No contact of this customer is known: serving took nothing so far.")}
    cost, *others = _of_customer(rows[0], state.currency)
    return {"stats": [cost | {"url": rows_url("contacts", customer=customer_id)}, *others]}


def rates() -> QuerySet[ServiceRate]:
    """Give the rates, that of all other channels last."""
    return ServiceRate.objects.order_by("-channel")


def rate(pk: int) -> ServiceRate | None:
    """Give one rate."""
    return ServiceRate.objects.filter(pk=pk).first()


def stats(found: Serving) -> list[dict[str, Any]]:
    """Give the sums with how each is computed."""
    say, money, whole = writer(), money_of(found.state.currency), found.whole
    until = say.day(found.channels[0]["until_on"])
    of_cost = Explain(
        _("What all contacts of the last 365 days cost."),
        _("Σ (cost of a contact + cost of a minute × minutes)"),
        _("Contacts on channels with a rate, in both directions; minutes not written down are 0."),
        as_of=until,
    )
    of_value = Explain(
        _("Value to come of customers with contacts, less what serving them will cost."),
        _("value to come − cost of the year × probability of being a customer × years ahead"),
        _(
            "The cost of the last 365 days is taken to go on while the customer stays. It is not "
            "discounted, so that the value left is no overestimate."
        ),
        as_of=until,
    )
    served = say.number(whole["customers"])
    note = _("before it: %(value)s; below zero for %(count)s customers") % {
        "value": money(whole["value"]),
        "count": say.number(whole["below"]),
    }
    no_value = _("It takes customers with orders whose value is estimated.")
    return [
        {
            "label": _("Cost to serve, 365 days"),
            "value": money(whole["cost"]),
            "url": rows_url("contacts"),
            "note": _("%(count)s customers who ever made contact") % {"count": served},
            "explain": of_cost,
        },
        {
            "label": _("Value to come less serving"),
            "value": money(whole["net"]) if whole["valued"] else "",
            "url": rows_url("served", what="valued"),
            "note": note if whole["valued"] else None,
            "unknown": None if whole["valued"] else no_value,
            "explain": of_value,
        },
    ]


def _no_rates(state: Published) -> str:
    if state.table("channel_service_costs").num_rows:
        return _("No data: nobody has said yet what a contact costs.")
    return _("No data: no contacts with customers have been brought in.")


def _of_customer(row: Row, currency: str) -> list[dict[str, Any]]:
    money, no_rate = money_of(currency), _("No channel of hers has a rate.")
    no_value = _("It takes orders whose value is estimated, and a rate for her channels.")
    rows = _("Contacts of this customer on channels with a rate; minutes not written down are 0.")
    wide = _(
        "90 % of customers are within: the bounds of the value to come, and contacts that come by "
        "chance, each at its cost. That the last 365 days go on is taken as given."
    )
    of_cost = Explain(
        _("What the contacts of this customer cost."),
        _("Σ (cost of a contact + cost of a minute × minutes)"),
        rows,
    )
    of_ahead = Explain(
        _("Value to come less what serving this customer will cost."),
        _("value to come − cost of the year × probability of being a customer × years ahead"),
        rows,
        wide,
    )
    of_net = Explain(
        _("What this customer has brought and will bring, when contacts are paid."),
        _("margin so far + value to come − cost to serve so far − cost to serve ahead"),
        rows,
        wide,
    )
    said = "" if row["so_far"] is None else _("so far: %(cost)s") % {"cost": money(row["so_far"])}
    return [
        _stat(_("Cost to serve, 365 days"), row["cost"], money, no_rate, of_cost, said),
        _stat(_("Value to come less serving"), row["ahead"], money, no_value, of_ahead)
        | {"interval": _bounds(row["ahead_bounds"], currency)},
        _stat(_("LTV less cost to serve"), row["net"], money, no_value, of_net)
        | {"interval": _bounds(row["net_bounds"], currency)},
    ]


def _bounds(bounds: Sequence[float | None], currency: str) -> str:
    """Write an interval; nothing where there is none."""
    unit, (low, high) = minor_units(currency), bounds
    return "" if low is None or high is None else interval((low / unit, high / unit), currency)


def _stat(
    label: str, amount: float | None, money: Any, missing: str, explain: Explain, note: str = ""
) -> dict[str, Any]:
    value = "" if amount is None else money(amount)
    unknown = missing if amount is None else ""
    return {"label": label, "value": value, "note": note, "unknown": unknown, "explain": explain}


def channels(found: Serving) -> Table:
    """Tell what each channel cost."""
    say, money, named = writer(), money_of(found.state.currency), channel_names()
    heads = [
        _("Number of contacts"),
        _("Customers"),
        _("Minutes"),
        _("With known minutes"),
        _("Cost"),
    ]
    heads += [_("Cost of a contact")]
    columns = [Column(_("Channel")), *(Column(head, number=True) for head in heads)]
    rows: list[list[Any]] = [
        [
            named.get(row["channel"], row["channel"]),
            Cell(say.number(row["contacts"]), _contacts(row)),
            Cell(say.number(row["customers"]), _contacts(row)),
            Cell(say.number(row["minutes"]), _contacts(row, "timed"))
            if row["contacts_timed"]
            else "–",
            Cell(say.percent(row["contacts_timed"] / row["contacts"], 0), _contacts(row, "timed")),
            *_cost(row, money),
        ]
        for row in found.channels
    ]
    return Table(_("Contacts of the last 365 days, by channel"), columns, rows)


def dearest(found: Serving) -> Table:
    """List the customers who cost most, each with what is left of the value to come."""
    money = money_of(found.state.currency)
    heads = [_("Cost to serve, 365 days"), _("Value to come"), _("Value to come less serving")]
    columns = [Column(_("Customer")), *(Column(head, number=True) for head in heads)]
    rows: list[list[Any]] = [
        [
            Cell(row["name"] or row["customer_id"], customer_url(row["customer_id"])),
            money(row["cost_to_serve_365d"]),
            "–" if row["residual_clv"] is None else money(row["residual_clv"]),
            "–" if row["value_net_of_service"] is None else money(row["value_net_of_service"]),
        ]
        for row in found.dearest
    ]
    return Table(_("Customers who cost most to serve"), columns, rows)


def channel_of(rate: ServiceRate) -> str:
    """Name the channel of a rate."""
    if rate.channel == ANY:
        return _("All other channels")
    return channel_names().get(rate.channel, rate.channel)


def _cost(row: Row, money: Any) -> list[Cell | str]:
    if row["cost"] is None:
        return [_("no rate"), "–"]
    texts = money(row["cost"]), money(row["cost"] / row["contacts"])
    return [Cell(text, _contacts(row)) for text in texts]


def _contacts(row: Row, what: str | None = None) -> str:
    return rows_url("contacts", channel=row["channel"], what=what)
