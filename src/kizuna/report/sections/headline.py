"""The headline: customer equity with its interval and definition, and the numbers beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kizuna.report.blocks import Fact
from kizuna.report.material import Material


@dataclass(frozen=True, slots=True)
class Headline:
    """What stands at the top of the page."""

    name: str
    value: str
    known: bool
    interval: str
    definition: str
    margin: str
    width: str
    facts: tuple[Fact, ...]


def headline(m: Material) -> Headline:
    """Write the headline; a value that is not known says so."""
    equity = m.get("customer_equity", "value")
    return Headline(
        name=m.say("Customer equity"),
        value=m.say("not yet known") if equity is None else m.say.money(equity),
        known=equity is not None,
        interval=_interval(m),
        definition=m.say(
            "Future margin over {horizon} from {day}; the past is not included.",
            horizon=m.horizon,
            day=m.day("as_of"),
        ),
        margin=margin(m),
        width=_width(m),
        facts=_facts(m),
    )


def margin(m: Material) -> str:
    """Say which share of revenue counts, and how a later yen counts for less."""
    if m.margin == 1.0:
        kept = m.say("No margin was given, so all revenue counts as margin.")
    else:
        kept = m.say("{margin} of revenue counts as margin.", margin=m.say.rate(m.margin))
    discount = m.get("options", "discount")
    if not discount:
        return kept
    later = m.say("Later money is discounted at {rate} a year.", rate=m.say.rate(discount))
    return m.say.sentences(kept, later)


def interval_text(m: Material, value: dict[str, float] | None) -> str:
    """Write low to high as money; empty when there is none."""
    low, high = (value or {}).get("low"), (value or {}).get("high")
    if low is None or high is None:
        return ""
    write = m.say.column([low, high])
    return m.say("{low} to {high}", low=write(low), high=write(high))


def _interval(m: Material) -> str:
    text = interval_text(m, m.get("customer_equity"))
    if text:
        return m.say("90% interval: {interval}", interval=text)
    if m.get("customer_equity", "value") is None:
        return m.say("Needs more history; see below.")
    return m.say("Interval not yet known.")


def _width(m: Material) -> str:
    """Say what makes the interval as wide as it is."""
    parts = [m.get("customer_equity", name) for name in ("model", "customers", "parameters")]
    if any(part is None for part in parts):
        return ""
    model, chance, parameters = (m.say.percent(part) for part in parts)
    return m.say(
        "Errors behind the interval: the model itself ±{model}, chance ±{chance}, parameters "
        "±{parameters}.",
        model=model,
        chance=chance,
        parameters=parameters,
    )


def _facts(m: Material) -> tuple[Fact, ...]:
    customers, orders = m.get("customers") or 0, m.get("orders") or 0
    each = m.say("{orders} a customer", orders=m.say.number(orders / max(customers, 1), 1))
    return (
        Fact(m.say("Customers"), m.say.number(customers), m.say("up to {day}", day=m.day("as_of"))),
        Fact(m.say("Orders"), m.say.number(orders), each),
        _expected(m),
        _mean(m, customers),
    )


def _expected(m: Material) -> Fact:
    found = m.get("expected_purchases")
    value = found if not isinstance(found, dict) else found.get("value")
    remark = m.say("in the next {horizon}", horizon=m.horizon)
    low, high = m.get("expected_purchases", "low"), m.get("expected_purchases", "high")
    if low is not None and high is not None:
        between = m.say("{low} to {high}", low=m.say.number(low), high=m.say.number(high))
        remark = m.say("{first}; {second}", first=remark, second=between)
    return Fact(m.say("Purchases expected"), _or_unknown(m, value, m.say.number), remark)


def _mean(m: Material, customers: int) -> Fact:
    equity = m.get("customer_equity", "value")
    each = None if equity is None or not customers else equity / customers
    remark = m.say("customer equity ÷ customers")
    return Fact(m.say("Mean value to come"), _or_unknown(m, each, m.say.money), remark)


def _or_unknown(m: Material, value: float | None, write: Callable[[float], str]) -> str:
    return m.say("not yet known") if value is None else write(value)
