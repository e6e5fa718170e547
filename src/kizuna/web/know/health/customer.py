"""Health of one customer in words: the score and its groups, drivers, history, what people say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pyarrow as pa
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kizuna.charts.health_history import health_history
from kizuna.charts.health_points import health_points
from kizuna.pipeline.health_tables import GROUPS
from kizuna.pipeline.know.churn_data import fact_names
from kizuna.pipeline.know.health_data import groups_of
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.customers.queries import Customer
from kizuna.web.know.health.forms import ANCHORS
from kizuna.web.know.health.models import Override
from kizuna.web.know.health.queries import OfCustomer, Row
from kizuna.web.know.health.standing import Standing, override_of
from kizuna.web.know.health.wording import why
from kizuna.web.know.health.words import (
    MOODS,
    band_of,
    bands,
    driver,
    groups,
    learned,
    one_url,
    signed,
    speaks_of_renewal,
)
from kizuna.web.ui.components import Cell, Column, Explain, Table
from kizuna.web.ui.templatetags.ui import moment, writer

USE_FELL = -0.2
A_MOVE = 0.5
"""Points below which a move is not told."""


def panel(fact: CustomerFact, standing: Standing) -> dict[str, Any]:
    """Give what the first page of a customer shows of health."""
    override = override_of(fact.customer_id)
    return {
        "score": _score(*learned(vars(fact)), override, []),
        "override": _override(override, learned(vars(fact))[0]),
        "bound": _bound(vars(fact)),
        "rating": rating(standing),
        "signs": signs(vars(fact)),
        "url": one_url(fact.customer_id),
    }


def one(customer: Customer, found: OfCustomer) -> dict[str, Any]:
    """Give what the page of a customer's health shows."""
    row, currency = found.row, customer.state.currency
    (health, band), say = learned(row), writer()
    kept: dict[str, Any] = {
        "score": _score(health, band, found.override, found.limits, row),
        "override": _override(found.override, health),
        "bound": _bound(row),
        "rating": rating(found.rating),
        "signs": signs(row),
        "history": _history(found, customer.state.publication.as_of),
        "overrides": _overrides(found.overrides),
        "scorecard": row.get("scorecard"),
        "explain": _explain(row),
    }
    if health is None:
        return kept
    known = [name for name in GROUPS if name in _known(row)]
    return kept | {
        "usual": say.number(row["health_usual"]),
        "points": _points(row, known),
        "unknown": [groups()[name] for name in GROUPS if name not in known],
        "drivers": [(_way(d["effect"]), driver(d, currency)) for d in found.drivers],
        "moves": [why(row | m, currency) for m in found.moves if abs(m["change"]) >= A_MOVE],
        "by_notice": row.get("churn_model") == "notice",
    }


def rating(standing: Standing) -> dict[str, Any]:
    """Say what whoever looks after a customer thinks, and whether that still holds."""
    found = standing.rating
    if found is None:
        return {"text": "", "note": _("Nobody has rated this customer yet.")}
    shown = {"person": found.rated_by.name, "at": moment(found.rated_at), "n": found.rating}
    if not standing.holds:
        note = _("Reset, because the customer was handed over: %(n)s of 5 by %(person)s, %(at)s.")
        return {"text": "", "note": note % shown}
    note = _("%(person)s, %(at)s") % shown
    return {"text": str(ANCHORS[found.rating]), "note": note, "reason": found.reason}


def signs(row: Row) -> list[tuple[str, str]]:
    """List what stands out by itself, whatever the score says, each with its mood."""
    say, found = writer(), []
    if row.get("failed_payments_90d"):
        text = _("Failed payments in 90 days: %(n)s")
        found.append((text % {"n": say.number(row["failed_payments_90d"])}, "serious"))
    if row.get("contacts_known") and row.get("sponsors_known") == 0:
        found.append((_("No sponsor among the people known"), "caution"))
    change = row.get("active_days_change")
    if change is not None and change <= USE_FELL:
        text = _("Use is %(share)s below their own mean") % {"share": say.percent(-change)}
        found.append((text, "caution"))
    return found


def _score(
    health: float | None,
    band: str | None,
    override: Override | None,
    limits: Sequence[Row],
    row: Row | None = None,
) -> dict[str, Any]:
    """Give the number that counts with its band; no number where it is not yet known."""
    if override is not None:
        kind = (row or {}).get("churn_kind")
        name = band_of(override.health, kind, limits) if limits else "unknown"
        mood = MOODS[name] if limits else "info"
        word = bands()[name] if limits else _("Set by hand")
        return {"value": override.health, "share": override.health / 100, "word": word} | {
            "mood": mood
        }
    if health is None:
        return {"value": None, "word": bands()["unknown"], "mood": "unknown"}
    name = band or "unknown"
    return {"value": writer().number(health), "share": health / 100} | {
        "word": bands()[name],
        "mood": MOODS[name],
    }


def _bound(row: Row) -> str:
    """Say that health speaks of the renewal, and how long the customer is bound; or nothing."""
    if not speaks_of_renewal(row) or row.get("health_days") is None:
        return ""
    days = row["health_days"]
    text = ngettext(
        "Bound for another %(n)s day. Health is how likely the customer renews then, as things "
        "stand today; until then hardly anybody leaves.",
        "Bound for another %(n)s days. Health is how likely the customer renews then, as things "
        "stand today; until then hardly anybody leaves.",
        days,
    )
    return text % {"n": writer().number(days)}


def _override(override: Override | None, computed: float | None) -> dict[str, Any] | None:
    """Say who set health by hand, why, and until when; and what is computed."""
    if override is None:
        return None
    say = writer()
    shown = {
        "n": say.number(override.health),
        "person": override.set_by.name,
        "at": moment(override.set_at),
        "day": say.day(override.until_on),
        "computed": _("not yet known") if computed is None else say.number(computed),
    }
    text = _(
        "Set to %(n)s by hand by %(person)s (%(at)s), until %(day)s. What is computed stays "
        "beside it: %(computed)s."
    )
    return {"text": text % shown, "reason": override.reason}


def _known(row: Row) -> set[str]:
    """Name the groups of which any fact is known, or whose baseline is."""
    numbers = groups_of(row.get("churn_kind") or "contract")
    found = {
        GROUPS[group]
        for name, group in zip(fact_names(), numbers.tolist(), strict=False)
        if row.get(name) is not None
    }
    return found | {GROUPS[int(numbers[-1])]}


def _points(row: Row, known: Sequence[str]) -> dict[str, Any]:
    """Draw what each group gives or takes, with its numbers."""
    names, say = groups(), writer()
    rows = [{"group": name, "points": row[f"health_{name}"]} for name in known]
    columns = [Column(_("Group")), Column(_("Points"), number=True)]
    cells: list[list[str | Cell]] = [[_("Usual health"), say.number(row["health_usual"], 1)]]
    for name in GROUPS:
        points = signed(row[f"health_{name}"])
        cells.append([names[name] if name in known else _no_data(names[name]), points])
    cells.append([_("Health"), say.number(learned(row)[0], 1)])
    figure = health_points(pa.Table.from_pylist(rows), names=names, words=say)
    return {"figure": figure, "numbers": Table(_("How this health adds up"), columns, cells)}


def _no_data(name: str) -> str:
    return _("%(group)s (no data; what that has meant for others)") % {"group": name}


def _way(effect: float) -> Cell:
    if effect > 0:
        return Cell(_("speaks for leaving"), mood="caution")
    return Cell(_("speaks for staying"), mood="good")


def _history(found: OfCustomer, as_of: date | None) -> dict[str, Any] | None:
    """Draw health over time, with its numbers; nothing where there is one day only."""
    computed = [{"day": row["day"], "health": row["health"]} for row in found.trail]
    now = learned(found.row)[0]
    if now is not None and as_of is not None:
        computed.append({"day": as_of, "health": now})
    told = [{"day": row["day"], "health": row["health"]} for row in found.told]
    if len({row["day"] for row in [*computed, *told]}) < 2:
        return None
    schema = pa.schema([("day", pa.date32()), ("health", pa.float64())])
    figure = health_history(
        pa.Table.from_pylist(told, schema),
        pa.Table.from_pylist(computed, schema),
        names=(_("told then"), _("by the model of now"), _("Health (100 = healthy)")),
        words=writer(),
    )
    return {"figure": figure, "numbers": _history_table(found.told, computed)}


def _history_table(told: Sequence[Row], computed: Sequence[Row]) -> Table:
    say = writer()
    then, now = {r["day"]: r for r in told}, {r["day"]: r["health"] for r in computed}
    columns = [Column(_("Day")), Column(_("Told then"), number=True)]
    columns += [Column(_("By the model of now"), number=True), Column(_("Told by"))]
    columns += [Column(_("Scorecard version"), number=True)]
    names = models()
    rows: list[list[str | Cell]] = []
    for day in sorted(then.keys() | now.keys(), reverse=True):
        kept = then.get(day, {})
        rows.append(
            [
                say.day(day),
                "–" if kept.get("health") is None else say.number(kept["health"]),
                "–" if now.get(day) is None else say.number(now[day]),
                names.get(kept.get("model") or "", "–"),
                "–" if kept.get("version") is None else say.number(kept["version"]),
            ]
        )
    return Table(_("Health over time"), columns, rows)


def models() -> dict[str, str]:
    """Name what health was told by."""
    return {
        "learner": _("learned from facts"),
        "baseline": _("the pattern over time"),
        "rate": _("one rate for everybody"),
        "notice": _("notice was given"),
    }


def _overrides(found: Sequence[Override]) -> Table:
    say = writer()
    columns = [Column(_("Set")), Column(_("Health"), number=True), Column(_("By"))]
    columns += [Column(_("Reason")), Column(_("Until")), Column(_("Ended"))]
    rows: list[list[str | Cell]] = [
        [
            moment(o.set_at),
            say.number(o.health),
            o.set_by.name,
            o.reason,
            say.day(o.until_on),
            _("%(at)s, %(person)s") % {"at": moment(o.ended_at), "person": o.ended_by.name}
            if o.ended_at and o.ended_by
            else "–",
        ]
        for o in found
    ]
    return Table(_("Health set by hand so far"), columns, rows)


def _explain(row: Row) -> Explain:
    if speaks_of_renewal(row):
        return _explain_renewal(row)
    low, high = row.get("churn_low"), row.get("churn_high")
    say, width = writer(), ""
    if low is not None and high is not None:
        bounds = {"low": say.number(100 * (1 - high)), "high": say.number(100 * (1 - low))}
        width = _("%(low)s to %(high)s, 9 times of 10") % bounds
    days = row.get("churn_horizon_days")
    ahead = _("%(n)s days ahead.") % {"n": say.number(days)} if days else ""
    return Explain(
        _("How sure it is that this customer stays, 0 to 100; 100 = healthy."),
        _("usual health + points of the groups = 100 × (1 − probability of leaving)"),
        ahead,
        interval=width,
        back_test=_("On the page Health: how many of each band left on a later period."),
    )


def _explain_renewal(row: Row) -> Explain:
    """Say how health of the renewal comes about, and beside it how likely it is to leave sooner."""
    say, width, sooner = writer(), "", ""
    if row.get("health_low") is not None and row.get("health_high") is not None:
        bounds = {"low": say.number(row["health_low"]), "high": say.number(row["health_high"])}
        width = _("%(low)s to %(high)s, 9 times of 10") % bounds
    if row.get("churn_probability") is not None:
        shown = {"n": say.number(row["churn_horizon_days"])}
        shown["share"] = say.percent(row["churn_probability"], 1)
        sooner = _("Probability of leaving within %(n)s days: %(share)s.") % shown
    return Explain(
        _(
            "How sure it is that this customer renews when the term ends, 0 to 100; 100 = healthy. "
            "The value to come, and what is lost within the horizon, are not computed from it."
        ),
        _(
            "100 × (1 − probability of leaving then): what today's signs mean for those who are "
            "free, bent to what bound customers did at the ends seen so far"
        ),
        sooner,
        interval=width,
        back_test=_("On the page Health: of those bound, how many of each band left at the end."),
    )
