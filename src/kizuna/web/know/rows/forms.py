"""What a person asks of rows, read from the address and written as SQL; nonsense is not asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.http import QueryDict

from kizuna.pipeline.engine import quoted
from kizuna.web.know.rows.kind import Kind

HORIZONS = ("30", "90", "180", "365")
LONGEST = 200
DAYS, NO_DAY = frozenset({"month", "until", "cohort", "made_on"}), "CAST(NULL AS DATE)"
MAY_BE_EMPTY = "channel"
"""An empty channel is that of customers of whom none is known."""


class Asked:
    """The parameters of a kind, its order and the number of the page.

    Attributes
    ----------
    given : parameter → as it stands in the address; only those that the kind knows.
    values : parameter → its value.

    """

    def __init__(self, kind: Kind, query: QueryDict) -> None:
        """Read the address."""
        known = (*kind.needs, *kind.may)
        self.kind = kind
        said = {name: str(query[name]) for name in known if name in query}
        self.given = {name: text for name, text in said.items() if text or name == MAY_BE_EMPTY}
        self.values = {name: READ[name](text) for name, text in self.given.items()}
        sort = query.get("sort", "")
        self.sort = sort if sort.lstrip("-") in kind.sortable else kind.sort
        page = query.get("page", "1")
        self.page = int(page) if re.fullmatch(r"[1-9]\d{0,3}", page, re.ASCII) else 1

    @property
    def is_whole(self) -> bool:
        """Whether all is said that these rows need, and nothing else."""
        said = {name for name, value in self.values.items() if value is not None}
        return said >= set(self.kind.needs) and None not in self.values.values()

    def written(self, more: Mapping[str, Any]) -> dict[str, str]:
        """Write all values as SQL; what is not asked is empty."""
        none = {name: NO_DAY if name in DAYS else "NULL" for name in self.kind.may}
        return none | {name: literal(value) for name, value in {**self.values, **more}.items()}


def literal(value: Any) -> str:
    """Write a value as SQL."""
    if isinstance(value, date):
        return f"DATE '{value:%Y-%m-%d}'"
    return str(value) if isinstance(value, int) else quoted(str(value))


def _month(text: str) -> date | None:
    return _day(f"{text}-01") if re.fullmatch(r"\d{4}-\d{2}", text, re.ASCII) else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-01-01") else None
    except ValueError:
        return None


def _text(text: str) -> str | None:
    return text if len(text) <= LONGEST else None


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?\d{1,6}", text, re.ASCII) else None


def _one_of(*known: str) -> Callable[[str], str | None]:
    return lambda text: text if text in known else None


READ: Mapping[str, Callable[[str], Any]] = {
    "month": _month,
    "until": _month,
    "cohort": _month,
    "made_on": _day,
    "currency": _text,
    "channel": _text,
    "customer": _text,
    "purchase": lambda text: _number(text) if text in {"1", "2", "3", "4"} else None,
    "days": lambda text: _number(text) if text in HORIZONS else None,
    "horizon": _number,
    "term": _number,
    "left": _number,
    "what": _one_of("again", "not", "back", "timed", "valued", "below"),
    "outcome": _one_of("new", "lost", "shrunk", "kept", "grown", "renewed", "replaced"),
    "ending": _one_of("yes", "no"),
    "policy": _text,
    "target": _one_of("first_response", "resolution"),
    "state": _one_of("met", "missed", "running", "paused", "judged", "done"),
    "theme": _text,
    "mood": _one_of("bad"),
    "kind": _one_of("new", "expansion", "contraction", "churn", "reactivation"),
}
