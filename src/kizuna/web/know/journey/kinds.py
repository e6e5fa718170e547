"""Personas in words: what sets each kind apart, how many, of which worth, and how sure."""

from __future__ import annotations

from collections.abc import Mapping
from math import log
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from kizuna.web.know.journey.queries import Personas, Row
from kizuna.web.ui.components import Cell, Column, Explain, Table
from kizuna.web.ui.templatetags.ui import day, minor_money, writer

SHARES = frozenset({"gift_season", "weekend", "sent_back", "asked", "visits"})
MONEY = frozenset({"mean_purchase", "later_value"})
TOLD, SET_APART, APART, MOST, OF_SHARES = 2, 3, 0.2, 3, 2
"""How many traits name a kind, and how many are told of it; from how far on a trait counts, and up
to which ratio; how many times the points count of a share above that of all."""


def traits() -> dict[str, str]:
    """Name the traits."""
    return {
        "days_between": _("Days from one purchase to the next"),
        "mean_purchase": _("Amount of a purchase"),
        "gift_season": _("Bought in May or December"),
        "weekend": _("Bought at weekends"),
        "sent_back": _("Purchases sent back"),
        "asked": _("Purchases with a question within a week"),
        "visits": _("Weeks with a visit, of the last 13"),
        "later_value": _("Bought in the half year since"),
    }


def high_low() -> dict[str, tuple[str, str]]:
    """Say what a high and a low trait mean."""
    return {
        "days_between": (_("buys seldom"), _("buys often")),
        "mean_purchase": (_("buys for much"), _("buys for little")),
        "gift_season": (_("buys in gift season"), _("buys outside gift season")),
        "weekend": (_("buys at weekends"), _("buys on weekdays")),
        "sent_back": (_("often sends back"), _("hardly sends back")),
        "asked": (_("asks about purchases"), _("buys without asking")),
        "visits": (_("visits often"), _("hardly visits")),
    }


def page(found: Personas) -> dict[str, Any]:
    """Give what the page of personas shows."""
    return {
        "status": status(found.model),
        "stats": _stats(found),
        "table": _kinds(found),
        "details": _details(found),
    }


def status(model: Row) -> dict[str, str]:
    """Say whether personas hold, and why."""
    say = writer()
    told = {
        "needed": say.number(model["needed"]),
        "stability": say.number(model["stability"] or 0, 2),
        "difference": say.percent(model["difference"] or 0),
        "kept": say.percent(model["kept"] or 0),
        "chance": say.percent(model["kept_by_chance"] or 0),
    }
    known = {
        "accepted": (
            "good",
            _("Accepted"),
            _(
                "Resampled customers fall into the same kinds (agreement %(stability)s, 0.75 is "
                "asked), and the kinds told what customers did or bought afterwards."
            ),
        ),
        "description": (
            "caution",
            _("A description only"),
            _(
                "The kinds are not stable (agreement %(stability)s, 0.75 is asked), or told "
                "neither what customers did afterwards (%(kept)s stayed of their kind, %(chance)s "
                "would by chance) nor what they bought (%(difference)s of the differences): "
                "nobody is given one."
            ),
        ),
        "one_kind": (
            "unknown",
            _("No kinds"),
            _("Customers behave as of one kind: what differs between them goes over gradually."),
        ),
        "too_few": (
            "unknown",
            _("Not yet known"),
            _("%(needed)s customers with purchases half a year old are still missing."),
        ),
    }
    mood, word, why = known[model["status"]]
    return {"mood": mood, "word": word, "why": why % told if "%(" in why else why}


def title(found: Personas, persona: str) -> str:
    """Name a kind by the traits that set it apart."""
    return titled(found.of(persona), SET_APART)


def titled(profile: Mapping[str, Row], many: int = TOLD) -> str:
    """Name a kind by its profile."""
    words, apart = high_low(), _apart(profile)
    named = [words[trait][0 if far > 0 else 1] for trait, far in apart[:many]]
    return _(", ").join(named) or _("as most")


def _apart(profile: Mapping[str, Row]) -> list[tuple[str, float]]:
    """Order traits by how far the kind is from everybody: a share by points, else by its ratio."""
    far = []
    for trait, row in profile.items():
        if trait not in high_low() or row["mean"] is None or not row["mean_of_all"]:
            continue
        mean, usual = row["mean"], row["mean_of_all"]
        share = trait in SHARES
        ratio = log(max(mean / usual, 1 / MOST))
        points = (mean - usual) * (OF_SHARES if mean > usual else 1)
        far.append((trait, points if share else min(ratio, log(MOST))))
    known = [(trait, distance) for trait, distance in far if abs(distance) >= APART]
    return sorted(known, key=lambda pair: -abs(pair[1]))


def _stats(found: Personas) -> list[dict[str, Any]]:
    say, model = writer(), found.model
    as_of = day(found.state.publication.as_of)
    unknown = _("not yet looked for")
    unseen = _("Kinds were found without the half year that they are held against.")
    kept = say.percent(model["kept"] or 0)
    by_chance = {"chance": say.percent(model["kept_by_chance"] or 0)}
    shown = [
        (
            _("Customers looked at"),
            say.number(model["customers"]),
            Explain(_("Customers who had bought half a year ago."), as_of=as_of),
        ),
        (
            _("Stability"),
            unknown if model["stability"] is None else say.number(model["stability"], 2),
            Explain(
                _("Agreement of kinds found in resampled customers; 1: the same, 0: chance."),
                _("mean adjusted Rand index"),
                as_of=as_of,
            ),
        ),
        (
            _("What kinds tell of later purchases"),
            unknown if model["difference"] is None else say.percent(model["difference"]),
            Explain(
                _("How far kinds found half a year ago told apart what was bought since."),
                _("epsilon² of Kruskal and Wallis"),
                back_test=unseen,
                as_of=as_of,
            ),
        ),
        (
            _("Of the same kind since"),
            unknown if model["kept"] is None else kept,
            Explain(
                _(
                    "Share of those who bought since whom what they did since puts into the kind "
                    "that they were of half a year ago; by chance it would be %(chance)s."
                )
                % by_chance,
                _("customers of the same kind ÷ customers who bought since"),
                back_test=unseen,
                as_of=as_of,
            ),
        ),
    ]
    return [{"label": label, "value": value, "explain": how} for label, value, how in shown]


def _kinds(found: Personas) -> Table | None:
    say, currency, given = writer(), found.state.currency, found.model["status"] == "accepted"
    heads = [Column(_("Persona")), Column(_("What sets it apart"))]
    words = [_("Customers"), _("Value to come"), _("Mean of a customer")]
    heads += [Column(w, number=True) for w in words]
    rows: list[list[Any]] = []
    for persona in found.names:
        row = found.worth.get(persona, {}) if given else {}
        counted = next(iter(found.of(persona).values()))["customers"]
        rule = reverse("segments:who", query={"rule": f"persona = '{persona}'"})
        many = Cell(say.number(row.get("customers", counted)), rule if row else "")
        values = [minor_money(row.get(name), currency) for name in ("value", "mean_value")]
        rows.append([persona, title(found, persona), many, *values])
    return Table(_("Kinds of customers, the largest first"), heads, rows) if rows else None


def _details(found: Personas) -> Table | None:
    heads = [Column(_("Trait")), Column(_("All"), number=True)]
    heads += [Column(_("Persona %(name)s") % {"name": name}, number=True) for name in found.names]
    rows: list[list[Any]] = []
    for trait, word in traits().items():
        of = [found.of(persona).get(trait) for persona in found.names]
        known = next((row for row in of if row), None)
        if known is None:
            continue
        means = [known["mean_of_all"], *(row["mean"] if row else None for row in of)]
        rows.append([word, *(_written(found, trait, mean) for mean in means)])
    return Table(_("What each kind is like, half a year ago"), heads, rows) if rows else None


def _written(found: Personas, trait: str, value: float | None) -> str:
    if value is None:
        return "–"
    if trait in MONEY:
        return minor_money(value, found.state.currency)
    return str(writer().percent(value) if trait in SHARES else writer().number(value, 1))
