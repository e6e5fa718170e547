"""What each persona is called wherever it is shown: its name, or what sets it apart."""

from __future__ import annotations

from collections.abc import Mapping
from math import log
from typing import Any

from django.utils.translation import gettext as _

from kizuna.web.know.journey.models import Persona
from kizuna.web.know.publications.queries import Published, published

type Row = dict[str, Any]

SHARES = frozenset(
    {
        *("gift_season", "weekend", "sent_back", "asked", "visits"),
        *("active_days", "breadth", "seats_taken", "asking", "revenue_kept"),
    }
)
TOLD, APART, MOST, OF_SHARES = 2, 0.2, 3, 2
"""How many traits name a kind; from how far on a trait counts, and up to which ratio; how many
times the points count of a share above that of all."""


def persona_names() -> dict[str, str]:
    """Name every persona that customers are given, the largest first; none where none is."""
    state = published()
    if state is None or not state.has("persona_profiles") or not state.has("persona_model"):
        return {}
    models = state.table("persona_model").to_pylist()
    accepted = {row["basis"] for row in models if row["status"] == "accepted"}
    given = {
        key: one
        for key, one in profiles_of(state).items()
        if next(iter(one.values()))["basis"] in accepted
    }
    return labels(given, called()) if given else {}


def called() -> dict[str, str]:
    """Give the names that people gave, by the key of the persona."""
    return {one.persona: one.label for one in Persona.objects.exclude(name="")}


def labels(profiles: Mapping[str, Mapping[str, Row]], names: Mapping[str, str]) -> dict[str, str]:
    """Name personas: as people did, or by number and what sets them apart."""
    return {key: names.get(key) or _numbered(key, one) for key, one in profiles.items()}


def _numbered(key: str, profile: Mapping[str, Row]) -> str:
    return _("%(name)s: %(traits)s") % {"name": key, "traits": titled(profile)}


def profiles_of(state: Published) -> dict[str, dict[str, Row]]:
    """Give what each persona is like, by trait; the largest first."""
    rows = state.table("persona_profiles").to_pylist() if state.has("persona_profiles") else []
    found: dict[str, dict[str, Row]] = {}
    for row in sorted(rows, key=lambda row: (-row["customers"], row["persona"])):
        found.setdefault(row["persona"], {})[row["trait"]] = row
    return found


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
        "active_days": (_("uses it on many days"), _("uses it on few days")),
        "breadth": (_("uses much of the product"), _("uses little of the product")),
        "depth": (_("does much on a day"), _("does little on a day")),
        "seats_taken": (_("seats are taken"), _("seats stay empty")),
        "asking": (_("often asks the service"), _("hardly asks the service")),
        "seats": (_("many seats"), _("few seats")),
        "seat_price": (_("dear plan"), _("cheap plan")),
        "tenure": (_("long with us"), _("new with us")),
    }


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
