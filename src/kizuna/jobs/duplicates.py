"""The duplicates job: customers who may be one, by rules that a person can follow."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from kizuna.jobs import resolution
from kizuna.jobs.load import spilling_engine
from kizuna.pipeline.store import Store

MOST_ALIKE: Final = 10
"""What more customers share, such as the number of a switchboard, says nothing of who they are."""
MOST: Final = 10_000
"""Pairs that are given at most, those found by most rules first, those of names alone last."""
NUMBER_NAMES: Final = "法人番号|corporate_number|corporate number|houjin_bangou|company_number"
FORMS: Final = re.compile(
    r"株式会社|有限会社|合同会社|合資会社|合名会社|一般社団法人|一般財団法人|特定非営利活動法人"
    r"|\((?:株|有|同|資|名)\)"
    r"|(?<=[a-z0-9 .,])[ ,.](?:co\.?,? ?ltd|inc|ltd|llc|corp(?:oration)?|kk|k\.k)\.?$"
)
SEPARATORS: Final = re.compile(r"[\s・･,.\-‐－'’()&]+")

KEYS: Final = {
    "email": "SELECT customer_id, lower(trim(email)) AS said FROM customers",
    "phone": "SELECT customer_id, phone AS said FROM customers",
    "corporate_number": (
        "SELECT customer_id, corporate_number(custom) AS said FROM customers "
        "WHERE custom IS NOT NULL"
    ),
    "company_name": (
        "SELECT customer_id, company_name(name) AS said FROM customers WHERE kind = 'company'"
    ),
    "name_kana": (
        "SELECT customer_id, concat_ws('|', person_name(name), person_name(name_kana), region) "
        "AS said FROM customers WHERE coalesce(kind, 'person') = 'person' "
        "AND name IS NOT NULL AND name_kana IS NOT NULL AND region IS NOT NULL"
    ),
}


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two customers who may be one, and the rules that say so."""

    first_id: str
    second_id: str
    rules: tuple[str, ...]


def find(store: Store, rules: Sequence[str]) -> tuple[Duplicate, ...]:
    """Find customers who may be one: all rules are exact, and nobody is merged."""
    if not rules or "customers" not in store.names():
        return ()
    with spilling_engine() as engine:
        resolution.register(engine, store, "customers")
        engine.function("company_name", _each(company_name))
        engine.function("person_name", _each(person_name))
        engine.function("corporate_number", _each(corporate_number))
        rows = engine.query(_pairs(rules)).to_pylist()
    return tuple(Duplicate(r["first_id"], r["second_id"], tuple(r["rules"])) for r in rows)


def company_name(name: str) -> str:
    """Give a company's name without legal form, width, case and signs: ㈱ウミネコ is ウミネコ."""
    wide = unicodedata.normalize("NFKC", name).casefold().strip()
    bare = FORMS.sub("", wide).strip()
    return SEPARATORS.sub("", bare)


def person_name(name: str) -> str:
    """Give a person's name without width, case and spaces."""
    return SEPARATORS.sub("", unicodedata.normalize("NFKC", name).casefold())


def corporate_number(custom: str) -> str:
    """Find a 法人番号 among the other columns of a record; its check digit must be right."""
    wide = unicodedata.normalize("NFKC", custom)
    found = re.search(rf'"(?:{NUMBER_NAMES})"\s*:\s*"?T?([\d-]{{13,17}})"?', wide, re.IGNORECASE)
    digits = found[1].replace("-", "") if found else ""
    return digits if is_corporate_number(digits) else ""


def is_corporate_number(digits: str) -> bool:
    """Whether 13 digits begin with the check digit that the law prescribes for the others."""
    if len(digits) != 13 or not digits.isdecimal():
        return False
    weighted = sum(int(d) * (2 if at % 2 else 1) for at, d in enumerate(reversed(digits[1:])))
    return int(digits[0]) == 9 - weighted % 9


def _each(function: Callable[[str], str]) -> Callable[[pa.ChunkedArray], pa.Array]:
    """Let a function from text to text take whole columns; each different text is said once."""

    def column(texts: pa.ChunkedArray) -> pa.Array:
        values = texts.to_pylist()
        said = {text: function(text) for text in set(values) if text is not None}
        return pa.array([said.get(text) for text in values], pa.string())

    return column


def _pairs(rules: Sequence[str]) -> str:
    """SQL: each two customers who share something, with all the rules by which they do."""
    shared = " UNION ALL ".join(_shared(rule) for rule in rules)
    return (
        "SELECT first_id, second_id, list_sort(list(DISTINCT rule)) AS rules "
        f"FROM ({shared}) GROUP BY first_id, second_id "
        f"ORDER BY len(rules) DESC, rules = ['name_kana'], first_id, second_id LIMIT {MOST}"
    )


def _shared(rule: str) -> str:
    """SQL: the first customer of each group beside every other one."""
    return (
        f"SELECT '{rule}' AS rule, ids[1] AS first_id, unnest(ids[2:]) AS second_id FROM ("
        "SELECT list_sort(list(customer_id)) AS ids "
        f"FROM ({KEYS[rule]}) WHERE said IS NOT NULL AND said <> '' "
        f"GROUP BY said HAVING count(*) BETWEEN 2 AND {MOST_ALIKE})"
    )
