"""Every number of the pages of retention and value beside the rows that it opens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from django.http import QueryDict

from kizuna.pipeline.parameters import minor_units
from kizuna.web.know.publications.queries import Published, published
from kizuna.web.know.rows import queries
from kizuna.web.know.rows.forms import Asked
from kizuna.web.know.rows.kinds import KINDS
from kizuna.web.know.rows.links import before, later, rows_url


@dataclass(frozen=True)
class Figure:
    """A number: the rows that it opens, and what these must come to."""

    kind: str
    asked: Mapping[str, Any]
    count: int | None = None
    sums: Mapping[str, float] = field(default_factory=dict)

    def told(self) -> str:
        return rows_url(self.kind, **self.asked)


def unlike(every: int = 1, kind: str = "") -> list[str]:
    """Name the numbers that are not what their rows come to; of a kind, and one of so many."""
    state = published()
    assert state is not None
    found = [figure for one in FIGURES for figure in list(one(state))[::every]]
    found = [figure for figure in found if kind in {"", figure.kind}]
    assert found
    return [figure.told() for figure in found if not _alike(figure)]


def rows_of(kind: str, address: str) -> queries.Rows:
    found = queries.rows(Asked(KINDS[kind], QueryDict(address)))
    assert found is not None
    return found


def _alike(figure: Figure) -> bool:
    found = rows_of(figure.kind, figure.told().partition("?")[2])
    if figure.count is not None and found.count != figure.count:
        return False
    sums = {name: found.sums[name] or 0 for name in figure.sums}
    return sums == pytest.approx(dict(figure.sums), rel=1e-9, abs=1e-6)


def _rows(state: Published, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = state.table(name).to_pylist()
    return rows


def _purchases(state: Published) -> Iterator[Figure]:
    for row in _rows(state, "repurchase"):
        asked = {"purchase": row["purchase"], "days": row["days"]}
        yield Figure("purchases", asked, row["purchases"])
        yield Figure("purchases", asked | {"what": "again"}, row["again"])
        yield Figure("purchases", asked | {"what": "not"}, row["purchases"] - row["again"])
    for row in _rows(state, "win_backs"):
        if row["complete"]:
            yield Figure("silent", {"month": row["month"]}, row["lapsed"])
            yield Figure("silent", {"month": row["month"], "what": "back"}, row["back"])


def _cohorts(state: Published) -> Iterator[Figure]:
    unit = minor_units(state.currency)
    for row in _rows(state, "retention"):
        month = later(row["cohort"], row["age_months"])
        yield Figure("cohort-buyers", {"cohort": row["cohort"], "month": month}, row["active"])
    for row in _rows(state, "ltv_by_cohort"):
        month = later(row["cohort"], row["age_months"])
        value = row["cumulative_value_per_customer"] * row["customers"] * unit
        asked = {"cohort": row["cohort"], "month": month}
        yield Figure("cohort-value", asked, sums={"amount": value})


def _won(state: Published) -> Iterator[Figure]:
    for row in _rows(state, "acquisition_cohorts"):
        asked = {"cohort": row["cohort"], "channel": row["channel"]}
        yield Figure("cohort-value", asked, sums={"amount": row["value"]})
        if row["cost"] is not None:
            asked = {"month": row["cohort"], "channel": row["channel"]}
            yield Figure("spent", asked, sums={"cost": row["cost"]})


def _board(state: Published) -> Iterator[Figure]:
    unit, said = minor_units(state.currency), state.summary
    worth = sum(row["historical_value"] for row in _rows(state, "spend"))
    if said["orders"]:
        yield Figure("orders", {}, sums={"orders": said["orders"], "amount": worth})
    for row in _rows(state, "channel_values") if state.has("channel_values") else ():
        if row["cost"] is not None:
            asked = {"channel": row["channel"]}
            yield Figure("spent", asked, sums={"cost": row["cost"] * unit})
    for row in _rows(state, "past_forecasts") if state.has("past_forecasts") else ():
        asked = {"made_on": row["made_on"], "horizon": row["horizon_days"]}
        yield Figure("followed", asked, row["actual_purchases"])


def _contracts(state: Published) -> Iterator[Figure]:
    first: dict[str, date] = {}
    for row in sorted(_rows(state, "mrr_bridge"), key=lambda row: row["month"]):
        first.setdefault(row["currency"], row["month"])
        asked = {"currency": row["currency"], "month": row["month"]}
        yield Figure("paying", asked, row["customers_closing"], {"mrr_now": row["closing"]})
        if row["month"] > first[row["currency"]]:
            opening = asked | {"month": before(row["month"])}
            yield Figure("paying", opening, row["customers_opening"], {"mrr_now": row["opening"]})
        for kind in ("new", "expansion", "contraction", "churn", "reactivation"):
            yield Figure("movements", asked | {"kind": kind}, sums={"change": row[kind]})
    for row in _rows(state, "mrr_retention"):
        asked = {"currency": row["currency"], "month": row["month"]}
        sums = {name: row[name] for name in ("mrr_before", "mrr_now", "mrr_kept")}
        yield Figure("year", asked, row["customers"], sums)
        yield Figure("year", asked | {"outcome": "lost"}, row["customers_lost"])
    for row in _rows(state, "mrr_cohorts"):
        month = later(row["cohort"], row["age_months"])
        asked = {"currency": row["currency"], "cohort": row["cohort"], "month": month}
        yield Figure("paying", asked, row["customers_paying"], {"mrr_now": row["mrr"]})
        asked = {"currency": row["currency"], "month": row["cohort"], "kind": "new"}
        yield Figure("movements", asked, row["customers"], {"change": row["mrr_first"]})


def _renewals(state: Published) -> Iterator[Figure]:
    rows = _rows(state, "retention_months")
    last = max((row["month"] for row in rows), default=None)
    for row in rows:
        asked = {"currency": row["currency"], "month": row["month"]}
        yield Figure("renewals", asked, row["renewals_due"], {"mrr": row["mrr_due"]})
        year = {"currency": row["currency"], "until": row["month"]}
        yield Figure("movements", year, sums={"change": row["gained_365d"] - row["given_up_365d"]})
        if row["month"] == last:
            yield Figure("renewals", {"currency": row["currency"]}, row["renewals_due_365d"])
            lost = row["renewals_due_365d"] - row["renewed_365d"]
            yield Figure("renewals", {"currency": row["currency"], "outcome": "lost"}, lost)


def _outlook(state: Published) -> Iterator[Figure]:
    for row in _rows(state, "revenue_forecasts"):
        asked = {name: row[name] for name in ("currency", "made_on", "month")}
        sums = {name: row[name] for name in ("committed", "expected")}
        yield Figure("forecast", asked, sums=sums)
        if row["actual"] is not None:
            yield Figure("came", asked, sums={"mrr": row["actual"]})
    for row in _rows(state, "contract_book"):
        asked = {name: row[name] for name in ("currency", "made_on")}
        asked |= {"term": row["term_months"], "left": row["months_left"]}
        asked |= {"ending": "yes" if row["ending"] else "no"}
        yield Figure("running", asked, row["contracts"], {"mrr": row["mrr"]})
    for row in _rows(state, "contract_risks"):
        rows = [r for r in _rows(state, "revenue_forecasts") if r["currency"] == row["currency"]]
        if rows and row["expected_value"] is not None:
            asked = {"currency": row["currency"], "made_on": max(r["made_on"] for r in rows)}
            margin = state.summary["options"]["margin"]
            yield Figure("forecast", asked, sums={"expected": row["expected_value"] / margin})


def _serving(state: Published) -> Iterator[Figure]:
    if not state.has("channel_service_costs"):
        return
    for row in _rows(state, "channel_service_costs"):
        sums = {"minutes": row["minutes"], "cost": row["cost"] or 0}
        yield Figure("contacts", {"channel": row["channel"]}, row["contacts"], sums)
        asked = {"channel": row["channel"], "what": "timed"}
        yield Figure("contacts", asked, row["contacts_timed"])
    served = _rows(state, "cost_to_serve")
    known = [row["cost_to_serve_365d"] for row in served if row["cost_to_serve_365d"] is not None]
    yield Figure("served", {}, len(served), {"cost_to_serve_365d": sum(known)})
    net = [r["value_net_of_service"] for r in served if r["value_net_of_service"] is not None]
    yield Figure("served", {"what": "valued"}, len(net), {"value_net_of_service": sum(net)})


def _experience(state: Published) -> Iterator[Figure]:
    for row in _rows(state, "service_report") if state.has("service_report") else ():
        asked = {name: row[name] for name in ("month", "policy", "target")}
        yield Figure("levels", asked, row["issues"])
        yield Figure("levels", asked | {"state": "judged"}, row["met"] + row["missed"])
        for name in ("met", "missed", "running", "paused"):
            yield Figure("levels", asked | {"state": name}, row[name])
    for row in _rows(state, "themes") if state.has("themes") else ():
        yield Figure("comments", {}, row["all_comments"])
        yield Figure("comments", {"theme": row["theme"]}, row["comments"])
        asked = {"theme": row["theme"], "mood": "bad"}
        yield Figure("comments", asked, row["complaints"])
        sums = {"value": row["value_affected"], "mrr": row["mrr_affected"]}
        yield Figure("complainers", {"theme": row["theme"]}, row["customers_affected"], sums)


FIGURES = (
    _purchases,
    _cohorts,
    _won,
    _board,
    _contracts,
    _renewals,
    _outlook,
    _serving,
    _experience,
)
