"""Personas in words: what sets each kind apart, how many, of which worth, and how sure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from kizuna.experience.personas import DISSOLVED
from kizuna.web.know.journey.models import Persona
from kizuna.web.know.journey.names import SHARES, Row, titled
from kizuna.web.know.journey.queries import Personas
from kizuna.web.ui.components import Cell, Column, Explain, Table
from kizuna.web.ui.templatetags.ui import day, minor_money, moment, writer

MONEY = frozenset({"mean_purchase", "later_value", "seat_price"})
SET_APART = 3
"""How many traits are told of a kind."""


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
        "active_days": _("Days with use, of the last 91"),
        "breadth": _("Part of the product in use"),
        "depth": _("Events of a person on a day with use"),
        "seats_taken": _("Seats in use"),
        "asking": _("Weeks with a contact, of the last 26"),
        "seats": _("Seats"),
        "seat_price": _("Recurring revenue of a seat a month"),
        "tenure": _("Days since the first contract began"),
        "revenue_kept": _("Recurring revenue now, against half a year ago"),
    }


def page(found: Personas) -> dict[str, Any]:
    """Give what the page of personas shows: of buyers, and of accounts where there are any."""
    shown = [basis for basis, model in found.models.items() if model["customers"]]
    return {
        "parts": [_part(found, basis) for basis in shown or ["purchases"]],
        "unnamed": _unnamed(found),
    }


def _part(found: Personas, basis: str) -> dict[str, Any]:
    heads = {
        "purchases": (
            _("Kinds of buyers"),
            _(
                "Kinds of customers by how they behaved half a year ago: how often, for how much "
                "and when they buy; nothing of who they are."
            ),
        ),
        "use": (
            _("Kinds of accounts"),
            _(
                "Kinds of accounts by how they used what they pay for half a year ago: days, "
                "breadth and depth of use, seats, contacts with the service, plan and time with "
                "you. Once accepted, an account is shown by its kind of account, not by how it "
                "buys."
            ),
        ),
    }
    tried = found.models[basis]["stability"] is not None
    return {
        "title": heads[basis][0],
        "text": heads[basis][1],
        "status": status(found.models[basis]),
        "stats": _stats(found, found.models[basis])[: None if tried else 1],
        "table": _kinds(found, basis),
        "details": _details(found, list(found.of(basis))),
        "retired": [retired(found, one) for one in found.retired(basis)],
    }


def status(model: Row) -> dict[str, str]:
    """Say whether personas hold, and why."""
    say, of_use = writer(), model["basis"] == "use"
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
            _("%(needed)s accounts with use half a year old are still missing.")
            if of_use
            else _("%(needed)s customers with purchases half a year old are still missing."),
        ),
    }
    mood, word, why = known[model["status"]]
    return {"mood": mood, "word": word, "why": why % told if "%(" in why else why}


def _stats(found: Personas, model: Row) -> list[dict[str, Any]]:
    say, of_use = writer(), model["basis"] == "use"
    as_of = day(found.state.publication.as_of)
    unknown = _("not yet looked for")
    unseen = _("Kinds were found without the half year that they are held against.")
    kept = say.percent(model["kept"] or 0)
    by_chance = {"chance": say.percent(model["kept_by_chance"] or 0)}
    shown = [
        (
            _("Accounts looked at") if of_use else _("Customers looked at"),
            say.number(model["customers"]),
            Explain(
                _("Accounts with a contract and use half a year ago.")
                if of_use
                else _("Customers who had bought half a year ago."),
                as_of=as_of,
            ),
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
            _("What kinds tell of later revenue")
            if of_use
            else _("What kinds tell of later purchases"),
            unknown if model["difference"] is None else say.percent(model["difference"]),
            Explain(
                _("How far kinds found half a year ago told apart what was kept of revenue since.")
                if of_use
                else _("How far kinds found half a year ago told apart what was bought since."),
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


def called(found: Personas, persona: str) -> str:
    """Give the name that people gave, or else the number."""
    kept = found.known.get(persona)
    return kept.label if kept and kept.name else _("Persona %(name)s") % {"name": persona}


def retired(found: Personas, one: Persona) -> dict[str, str]:
    """Say since when no kind is a named persona any more, and where her customers are now."""
    say = writer()
    told = {"name": one.label, "day": day(one.retired_on), "most": say.percent(DISSOLVED)}
    why = _("Since %(day)s no kind shares more than %(most)s of its customers.") % told
    where = ""
    if one.nearest and one.overlap is not None:
        said = {"near": called(found, one.nearest), "share": say.percent(one.overlap)}
        where = _("Nearest is “%(near)s” with %(share)s.") % said
    rest = _("Rules that ask for it find nobody; it returns by itself if the kind does.")
    title = _("“%(name)s” is retired") % told
    text = " ".join(part for part in (why, where, rest) if part)
    return {"title": title, "text": text, "url": _naming_url(one.persona)}


def naming(found: Personas, one: Persona) -> dict[str, Any]:
    """Give what the page of one persona shows: what it is like, and who named it."""
    shown: dict[str, Any] = {"title": called(found, one.persona), "one": one, "said": ""}
    if one.named_at:
        told = {"by": one.named_by.name if one.named_by else "–", "when": moment(one.named_at)}
        shown["said"] = _("Named by %(by)s, %(when)s.") % told
    if one.retired_on:
        return shown | {"gone": retired(found, one)}
    overlap = one.overlap if one.name else None
    kept = Explain(
        _(
            "Customers who would be of it by the model of the day of its name and are of it now, "
            "÷ customers of either. From more than %(most)s on the name stays."
        )
        % {"most": writer().percent(DISSOLVED)},
        _("customers of both ÷ customers of either (Jaccard)"),
        as_of=day(found.state.publication.as_of),
    )
    shown["overlap"] = None if overlap is None else writer().percent(overlap)
    return shown | {"explain": kept, "table": _details(found, [one.persona])}


def _unnamed(found: Personas) -> bool:
    """Whether personas are accepted and one has no name."""
    named = {key for key, one in found.known.items() if one.name}
    accepted = [b for b, model in found.models.items() if model["status"] == "accepted"]
    return any(set(found.of(basis)) - named for basis in accepted)


def _naming_url(persona: str) -> str:
    return reverse("journey:persona", args=[persona])


def _kinds(found: Personas, basis: str) -> Table | None:
    say, currency = writer(), found.state.currency
    given, worth = found.models[basis]["status"] == "accepted", ("value", "mean_value")
    words = [_("Customers"), _("Value to come"), _("Mean of a customer")]
    if basis == "use":
        words = [_("Number of accounts"), _("Recurring revenue a month"), _("Mean of an account")]
        worth = ("mrr", "mean_mrr")
    heads = [Column(_("Persona")), Column(_("In a sentence")), Column(_("What sets it apart"))]
    heads += [Column(w, number=True) for w in words]
    rows: list[list[Any]] = []
    for key, profile in found.of(basis).items():
        row, kept = found.worth.get(key, {}) if given else {}, found.known.get(key)
        counted = next(iter(profile.values()))["customers"]
        rule = reverse("segments:who", query={"rule": f"persona = '{key}'"})
        many = Cell(say.number(row.get("customers", counted)), rule if row else "")
        values = [minor_money(row.get(name), currency) for name in worth]
        name = Cell(called(found, key), _naming_url(key) if given and kept else "")
        said = (kept.sentence if kept else "") or "–"
        rows.append([name, said, titled(profile, SET_APART), many, *values])
    return Table(_("Kinds of customers, the largest first"), heads, rows) if rows else None


def _details(found: Personas, keys: Sequence[str]) -> Table | None:
    heads = [Column(_("Trait")), Column(_("All"), number=True)]
    heads += [Column(called(found, key), number=True) for key in keys]
    rows: list[list[Any]] = []
    for trait, word in traits().items():
        of = [found.profiles.get(key, {}).get(trait) for key in keys]
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
