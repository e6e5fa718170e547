"""What a person asks of the list, as conditions that an index answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from kizuna.pipeline.parameters import minor_units
from kizuna.report.names import segment_key
from kizuna.web.capture.identities.queries import survivors_of
from kizuna.web.know.customers import shelf
from kizuna.web.know.customers.folding import folded
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.customers.paging import Facts, few, share_edge
from kizuna.web.know.profiles import queries as profiles
from kizuna.web.know.publications.queries import published

RISK = "risk"
RISKY = ("at_risk", "cant_lose")
"""Segments of customers who brought something and have gone quiet."""
ALIVE = {"likely": (0.75, 1.01), "maybe": (0.25, 0.75), "unlikely": (-0.01, 0.25)}
RANKS = {"top-1": 0.01, "top-10": 0.1, "top-20": 0.2, "rest-20": -0.2}
SAME = ("channel", "region", "kind", "persona")
NOT_FILTERS = {"sort", "columns", "page"}
LISTED = 20_000
"""Customers of a tag, an owner or a field up to which they are listed, rather than looked for."""


def filters(asked: Mapping[str, Any]) -> bool:
    """Whether anything narrows the list."""
    return bool(set(asked) - NOT_FILTERS)


def filtered(asked: Mapping[str, Any]) -> Facts:
    """Give the customers that a person asked for, in no order."""
    found = CustomerFact.objects.all()
    for name, value in conditions(asked):
        found = found.filter(**{name: value})
    for members in profiles.members(asked):
        found = found.filter(_among(members))
    if asked.get("owner"):
        found = _owned(found, asked["owner"])
    return _named(found, words(asked)) if asked.get("q") else found


def conditions(asked: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Say of facts what is asked: `column__sign` and a value."""
    said = [*_plain(asked).items(), *_month(asked.get("cohort")).items()]
    if asked.get("segment"):
        said.append(("rfm_segment__in", _segments(str(asked["segment"]))))
    if asked.get("value_rank"):
        said.append(_ranked(RANKS[asked["value_rank"]]))
    return said


def words(asked: Mapping[str, Any]) -> list[str]:
    """Give what is searched for, word by word, as search compares it."""
    return [_word(word) for word in folded(asked.get("q") or "").split()]


def by_facts_only(asked: Mapping[str, Any]) -> bool:
    """Whether nothing is asked but facts and names: neither tags nor owners nor fields of ours."""
    return not asked.get("owner") and not any(True for _members in profiles.members(asked))


def segments() -> list[str]:
    """Name the segments that customers are in."""
    state = published()
    return [] if state is None else state.table("segments")["rfm_segment"].to_pylist()


def _segments(asked: str) -> list[str]:
    """Name the segments asked for: one, or all whose customers are about to be lost."""
    at_risk = [name for name in segments() if segment_key(name) in RISKY]
    return at_risk if asked == RISK else [asked]


def _plain(asked: Mapping[str, Any]) -> dict[str, Any]:
    money = {"value_from", "value_to", "history_from", "history_to", "mrr_from"}
    state = published() if money & asked.keys() else None
    unit = minor_units(state.currency) if state else 1
    low, high = ALIVE.get(asked.get("alive", ""), (None, None))
    given = {
        "residual_clv__gte": _times(asked.get("value_from"), unit),
        "residual_clv__lte": _times(asked.get("value_to"), unit),
        "historical_value__gte": _times(asked.get("history_from"), unit),
        "historical_value__lte": _times(asked.get("history_to"), unit),
        "p_alive__gte": low,
        "p_alive__lt": high,
        **{f"{name}__exact": asked.get(name) for name in SAME},
        **_ranges(asked, "orders", "orders"),
        **_ranges(asked, "first_purchase", "first"),
        **_ranges(asked, "last_purchase", "last"),
        **_of_late(asked, unit),
    }
    return {name: value for name, value in given.items() if value not in (None, "")}


def _ranges(asked: Mapping[str, Any], column: str, name: str) -> dict[str, Any]:
    ends = {"gte": f"{name}_from", "lte": f"{name}_to"}
    return {f"{column}__{end}": asked.get(said) for end, said in ends.items()}


def _of_late(asked: Mapping[str, Any], unit: int) -> dict[str, Any]:
    """Say what is asked of facts of the last days; who is without the fact is not meant."""
    given = {
        "mrr__gte": _times(asked.get("mrr_from"), unit),
        "days_to_renewal__lte": asked.get("renewal_to"),
        "churn_probability__gte": _times(asked.get("churn_from"), 0.01),
        "health__lte": asked.get("health_to"),
        "days_since_use__gte": asked.get("unused_from"),
        "days_since_contact__gte": asked.get("untold_from"),
        "nps__lte": asked.get("nps_to"),
        "cases_open__gte": asked.get("cases_from"),
        "failed_payments_90d__gte": asked.get("failed_from"),
    }
    return {name: value for name, value in given.items() if name.split("__")[0] in shelf.COLUMNS}


def _times(value: float | None, unit: float) -> float | None:
    return None if value is None else value * unit


def _month(text: str | None) -> dict[str, date]:
    """Take the month of the first purchase as days, which an index holds."""
    if not text:
        return {}
    first = date.fromisoformat(f"{text}-01")
    after = (first + timedelta(days=31)).replace(day=1)
    return {"first_purchase__gte": first, "first_purchase__lt": after}


def _ranked(share: float) -> tuple[str, Any]:
    """Keep the most valuable share of all customers, or, of a negative share, the others."""
    state = published()
    everyone = int(state.summary["customers"]) if state else 0
    edge = share_edge(abs(share), everyone)
    if edge is None:
        return "customer_id__in", []
    return f"residual_clv__{'gte' if share > 0 else 'lt'}", edge


def _among(members: QuerySet[Any]) -> Q:
    """Keep customers who are among the members of something, listed where they are few."""
    return _themselves(members) | Q(pk__in=survivors_of(members.values("customer_id")))


def _themselves(members: QuerySet[Any]) -> Q:
    ids = members.values("customer_id")
    if len(ids.order_by()[: LISTED + 1]) <= LISTED:
        return Q(pk__in=ids)
    return Q(Exists(members.filter(customer_id=OuterRef("pk"))))


def _owned(found: Facts, owner: Any) -> Facts:
    """Keep the customers of a person: as set here, for one merged into them, or as brought in."""
    here = _themselves(profiles.owned(owner))
    elsewhere = Exists(profiles.with_owner().filter(customer_id=OuterRef("pk")))
    heirs = profiles.inherited_owners()
    mine = Q(pk__in=[key for key, owner_id in heirs.items() if owner_id == owner.pk])
    brought = Q(owner_email__iexact=owner.email) & ~elsewhere & ~Q(pk__in=list(heirs))
    return found.filter(here | mine | brought)


def _named(found: Facts, sought: Sequence[str]) -> Facts:
    """Keep those whose names hold all the words.

    Names are looked through by themselves first: few matches are then found by their keys, and of
    many the first are soon met in the order of the list.
    """
    named = CustomerFact.objects.all()
    for word in sought:
        named, found = named.filter(folded__contains=word), found.filter(folded__contains=word)
    ids = few(named, filtered=False)
    return found if ids is None else found.filter(pk__in=ids)


def _word(word: str) -> str:
    """Take a phone number as it is kept: +81 3… is found by 03-…, and by its last digits."""
    digits = word.translate(DASHES)
    local = digits.isascii() and digits.isdigit() and digits != word
    return digits.removeprefix("0") if local or _is_phone(digits) else word


def _is_phone(digits: str) -> bool:
    return digits.isascii() and digits.isdigit() and digits.startswith("0") and len(digits) >= 10


DASHES = dict.fromkeys(map(ord, "-()‐‑–—−ー"))
