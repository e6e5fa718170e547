"""From a bar, a cell or a line to its customers: the list takes the filter in its address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

from django.urls import reverse

from kizuna.charts.value_changes import part_names
from kizuna.report.material import Material
from kizuna.report.names import segment_name
from kizuna.report.sections.acquisition import channel_name, listed

type Links = dict[str, str]
"""Addresses by what a row of a table, or a mark of a chart, is named."""

RANKS = {0.01: "top-1", 0.1: "top-10", 0.2: "top-20"}


def links(m: Material, part: str) -> Links:
    """Give the addresses behind the names of a part of the board."""
    return LINKS[part](m) if part in LINKS else {}


def customers(**filters: str) -> str:
    """Give the address of the customers whom filters leave."""
    return reverse("customers:list") + (f"?{urlencode(filters)}" if filters else "")


def movers(m: Material) -> list[str]:
    """Give the address of each customer who moved equity most, in the order of the table."""
    one = reverse("customers:one")
    rows = m.rows("value_movers")
    return [f"{one}?{urlencode({'id': row['customer_id']})}" for row in rows]


def _segments(m: Material) -> Links:
    keys = [row["rfm_segment"] for row in m.rows("segments")]
    return {segment_name(m.say, key): customers(segment=key) for key in keys}


def _cohorts(m: Material) -> Links:
    months = {row["cohort"] for row in m.rows("retention")}
    return {m.say.month(month): customers(cohort=f"{month:%Y-%m}") for month in sorted(months)}


def _channels(m: Material) -> Links:
    keys = [row["channel"] for row in listed(m) if row["channel"]]
    found = {channel_name(m, key): customers(channel=key) for key in keys if key != "*"}
    return found | {channel_name(m, "*"): customers()}


def _changes(m: Material) -> Links:
    since = next((row["since"] for row in m.rows("value_changes")), None)
    if since is None:
        return {}
    names, first = part_names(m.say), f"{since + timedelta(days=1):%Y-%m-%d}"
    last = f"{since:%Y-%m-%d}"
    return {
        names["new"]: customers(first_from=first),
        names["bought"]: customers(first_to=last, last_from=first),
        names["silent"]: customers(last_to=last),
        names["before"]: customers(first_to=last),
        names["now"]: customers(),
    }


def _concentration(m: Material) -> Links:
    top = {m.say("top {share}", share=m.say.percent(x)): rank for x, rank in RANKS.items()}
    return {name: customers(value_rank=rank) for name, rank in top.items()}


LINKS: dict[str, Callable[[Material], Links]] = {
    "segments": _segments,
    "ltv": _cohorts,
    "retention": _cohorts,
    "acquisition": _channels,
    "changes": _changes,
    "concentration": _concentration,
}
