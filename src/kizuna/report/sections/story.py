"""The model's story: its parameters as sentences."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from scipy.special import gammaincinv

from kizuna.report.blocks import Block, Column, Grid, Note, Prose, Row, Section
from kizuna.report.language import CODE
from kizuna.report.material import DAYS_A_YEAR, Material
from kizuna.report.names import model_name

type Parameters = Mapping[str, float]


def section(m: Material) -> Section:
    """Tell the purchase model, the spend model and the correction, in plain words."""
    title = m.say("The model, in plain words")
    if m.model is None:
        return Section("story", title, blocks=(_no_model(m),))
    lead = m.say("{model} was chosen.", model=model_name(m.say, m.model))
    paragraphs = (*_purchases(m), *_spend(m), *_correction(m))
    blocks: tuple[Block, ...] = (Prose(paragraphs), *_once(m), _parameters(m))
    return Section("story", title, lead, blocks)


def _no_model(m: Material) -> Note:
    text = m.say(
        "No model was fitted. One needs some dozens of customers who bought on two days or "
        "more, and a log longer than the usual time between orders."
    )
    return Note("unknown", text, m.say("Not yet known"))


def _purchases(m: Material) -> list[str]:
    tell = TELLERS.get(m.model or "")
    return tell(m, parameters_used(m)) if tell else []


def parameters_used(m: Material) -> Parameters:
    """Parameters behind the values: on the model's own clock where it has one."""
    return m.get("correction", "parameters") or m.get("model", "parameters") or {}


def _pace(m: Material, shape: float, rate: float) -> str:
    """Translate a gamma of purchase rates per period into orders a year."""
    a_year = m.periods_a_year / rate
    return m.say(
        "While active, a customer makes {mean} repeat orders a year on average. Customers "
        "differ: half make fewer than {median}, the busiest tenth more than {high}.",
        mean=m.say.figure(shape * a_year, 2),
        median=m.say.figure(float(gammaincinv(shape, 0.5)) * a_year, 2),
        high=m.say.figure(float(gammaincinv(shape, 0.9)) * a_year, 2),
    )


def _bg_nbd(m: Material, p: Parameters) -> list[str]:
    return [
        m.say(
            "BG/NBD describes a customer by two things: how often they order while active, and "
            "the chance that they stop for good right after a repeat order."
        ),
        _pace(m, p["r"], p["alpha"]),
        m.say(
            "After a repeat order, {share} of customers stop for good, on average.",
            share=m.say.small_percent(p["a"] / (p["a"] + p["b"])),
        ),
    ]


def _mbg_nbd(m: Material, p: Parameters) -> list[str]:
    return [
        m.say(
            "MBG/NBD describes a customer by two things: how often they order while active, "
            "and the chance that they stop for good right after an order, the first one "
            "included."
        ),
        _pace(m, p["r"], p["alpha"]),
        m.say(
            "After an order, {share} of customers stop for good, on average.",
            share=m.say.small_percent(p["a"] / (p["a"] + p["b"])),
        ),
    ]


def _pareto_nbd(m: Material, p: Parameters) -> list[str]:
    median = p["beta"] * math.expm1(min(math.log(2) / p["s"], 700)) * m.days_a_period
    lost = 1 - (p["beta"] / (p["beta"] + m.periods_a_year)) ** p["s"]
    return [
        m.say(
            "Pareto/NBD describes a customer by two things: how often they order while active, "
            "and how long they stay; they may leave at any moment, not only after an order."
        ),
        _pace(m, p["r"], p["alpha"]),
        m.say(
            "Of new customers, {share} have left within a year; half have left after {time}.",
            share=m.say.small_percent(lost),
            time=duration(m, median),
        ),
    ]


TELLERS: dict[str, Callable[[Material, Parameters], list[str]]] = {
    "bg_nbd": _bg_nbd,
    "mbg_nbd": _mbg_nbd,
    "pareto_nbd": _pareto_nbd,
}


def duration(m: Material, days: float) -> str:
    """Write a length of time in the unit that reads best."""
    if days < 60:
        return m.say.counted("{n} day", "{n} days", round(days))
    if days < 2 * DAYS_A_YEAR:
        return m.say.counted("{n} month", "{n} months", round(days / DAYS_A_YEAR * 12))
    if days < 50 * DAYS_A_YEAR:
        return m.say.counted("{n} year", "{n} years", round(days / DAYS_A_YEAR))
    return m.say("more than 50 years")


def _spend(m: Material) -> list[str]:
    p = m.get("spend_model", "parameters")
    if not p:
        return [
            m.say(
                "Spend per order has no model of its own: needs customers with two orders or "
                "more and an amount. Values use the average order."
            )
        ]
    return [_mean_order(m, p), _own_average(m, p)]


def _mean_order(m: Material, p: Parameters) -> str:
    if p["q"] <= 1:
        return m.say("Customers differ so much in spend that the model has no finite mean order.")
    return m.say(
        "An order is worth {mean} on average over customers (Gamma-Gamma model of spend).",
        mean=m.say.money(p["p"] * p["v"] / (p["q"] - 1)),
    )


def _own_average(m: Material, p: Parameters) -> str:
    def weight(n: int) -> str:
        return m.say.percent(p["p"] * n / (p["p"] * n + p["q"] - 1))

    return m.say(
        "A customer's own average counts for {one} of the estimate after one repeat order and "
        "for {five} after five; the rest is what customers spend in general.",
        one=weight(1),
        five=weight(5),
    )


def _correction(m: Material) -> list[str]:
    lift, fade = m.get("correction", "lift"), m.get("correction", "fade")
    if not lift or not fade:
        return [m.say("No correction was made: customers buy at one pace while they are active.")]
    return [
        m.say(
            "New customers buy faster at first: {lift} faster after the first order than later, "
            "most of it gone after {time}. A model that ignores this takes the slowdown for "
            "customers leaving, and predicts too little; here its clock follows the pace.",
            lift=m.say.percent(lift),
            time=duration(m, fade * m.days_a_period),
        ),
        *_evidence(m),
    ]


def _evidence(m: Material) -> list[str]:
    gain, price = m.get("correction", "evidence", "gain"), m.get("correction", "evidence", "price")
    gains = m.get("correction", "evidence", "gains_at_earlier_cut_offs") or []
    if gain is None or price is None:
        return []
    return [
        m.say(
            "The correction was chosen without the unseen part: it raises the log-likelihood by "
            "{gain} at a price of {price} (BIC), and improved {better} of {n} forecasts made "
            "earlier in the log.",
            gain=m.say.number(gain, 1),
            price=m.say.number(price, 1),
            better=m.say.number(sum(value > 0 for value in gains)),
            n=m.say.number(len(gains)),
        )
    ]


def _once(m: Material) -> list[Block]:
    if m.model != "bg_nbd":
        return []
    text = m.say.rich(
        "In BG/NBD a customer can only stop after a repeat order. Whoever ordered once therefore "
        "shows P(active) = 100%, however long ago that was. Read it as “cannot tell”, not as "
        "“surely active”. For a list of customers about to leave, use {option}.",
        option=CODE.format(f"--model {m.get('choice', 'for_churn') or 'mbg_nbd'}"),
    )
    return [Note("caution", text, m.say("Why one-time buyers show 100%"))]


def _parameters(m: Material) -> Grid:
    unit = m.say("week") if m.days_a_period == 7 else m.say("day")
    plain, paced = m.get("model"), m.get("correction")
    name = model_name(m.say, m.model)
    rows = [
        *_lines(m, plain, name),
        *_lines(m, paced, m.say("{model}, new customers faster", model=name)),
    ]
    rows += _lines(m, m.get("spend_model"), model_name(m.say, m.get("spend_model", "name")))
    return Grid(
        m.say("Parameters, for those who want to check"),
        (
            Column(m.say("Model")),
            Column(m.say("Parameters"), code=True),
            Column(m.say("Log-likelihood"), number=True),
        ),
        tuple(rows),
        foot=m.say(
            "Unit of time: {unit}. Fitted by maximum likelihood on the whole log.", unit=unit
        ),
    )


def _lines(m: Material, model: Mapping[str, Any] | None, name: str) -> list[Row]:
    if not model or not model.get("parameters"):
        return []
    text = ", ".join(f"{key} = {float(value):.4g}" for key, value in model["parameters"].items())
    return [Row((name, text, m.say.number(model.get("log_likelihood"), 2)))]
