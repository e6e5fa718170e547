"""Reads: themes as they are published, their comments, the register, how themes are found."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kizuna.pipeline.engine import Engine
from kizuna.web.know.customers.naming import named
from kizuna.web.know.publications.queries import Published, published
from kizuna.web.know.voice.models import Gap, Label
from kizuna.web.ui.leafing import Leafing

type Row = dict[str, Any]

A_PAGE = 25

COMMENTS = """
SELECT t.customer_id, t.comment_id, t.mood, t.said_on, t.found_by, c.text, c.source, c.channel
FROM comment_themes AS t
INNER JOIN comments AS c ON t.customer_id = c.customer_id AND t.comment_id = c.comment_id
WHERE t.theme = $1 AND t.recent AND ($2 = '' OR t.mood = $2)
ORDER BY t.said_on DESC, t.comment_id LIMIT $3 OFFSET $4"""

EXAMPLES = """
SELECT comment_id, text FROM comments WHERE comment_id IN (SELECT unnest(?)) ORDER BY comment_id"""

OF_CUSTOMER = """
SELECT c.comment_id, c.text, c.said_on, c.channel, t.theme, t.mood, t.recent
FROM comments AS c
LEFT JOIN comment_themes AS t ON c.customer_id = t.customer_id AND c.comment_id = t.comment_id
WHERE c.customer_id = $1 ORDER BY c.said_on DESC, c.comment_id, t.theme LIMIT 30"""
OF_CUSTOMER_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Voice:
    """Themes, the most valuable complaints first; the dictionary, the register, what is new."""

    state: Published
    themes: Sequence[Row]
    dictionary: Mapping[str, Row]
    model: Sequence[Row]
    proposals: Sequence[Row]
    examples: Mapping[str, str]
    gaps: Sequence[Gap]
    effects: Mapping[str, Row]

    @property
    def comments(self) -> int:
        """Comments of the year about anything."""
        return int(self.themes[0]["all_comments"]) if self.themes else 0

    def theme(self, key: str) -> Row | None:
        """Give what is told of a theme."""
        return next((row for row in self.themes if row["theme"] == key), None)


@dataclass(frozen=True, slots=True)
class Comments(Leafing):
    """A page of what was said about a theme, the latest first."""

    items: Sequence[Row]
    number: int
    has_next: bool
    labels: Mapping[tuple[str, str], bool]


def voice() -> Voice | None:
    """Give all that is known of what customers say; None where nothing is published of it."""
    state = published()
    if state is None or not state.has("themes"):
        return None
    themes = sorted(
        state.table("themes").to_pylist(),
        key=lambda row: (row["theme"] == "other", -row["value_affected"], -row["complaints"]),
    )
    dictionary = {row["theme"]: row for row in state.table("voice_themes").to_pylist()}
    proposals = state.table("theme_proposals").to_pylist()
    effects = {row["gap_id"]: row for row in state.table("gap_effects").to_pylist()}
    affected = {row["theme"]: row["value_affected"] for row in themes}
    gaps = sorted(
        Gap.objects.select_related("owner"), key=lambda gap: (-affected.get(gap.theme, 0), gap.pk)
    )
    return Voice(
        state,
        themes,
        dictionary,
        state.table("voice_model").to_pylist(),
        proposals,
        _examples(state, proposals),
        gaps,
        effects,
    )


def comments(state: Published, theme: str, mood: str, number: int) -> Comments:
    """Give a page of comments about a theme, with what people said of them since."""
    asked = [theme, mood, A_PAGE + 1, (number - 1) * A_PAGE]
    found = _rows(state, ("comments", "comment_themes"), COMMENTS, asked)
    shown = found[:A_PAGE]
    labels = Label.objects.filter(theme=theme, comment_id__in=[row["comment_id"] for row in shown])
    said = {(label.customer_id, label.comment_id): label.holds for label in labels}
    return Comments(named(shown), number, len(found) > A_PAGE, said)


def of_customer(state: Published, customer_id: str) -> list[list[Row]]:
    """Give the latest comments of one customer, a row for each theme of each."""
    if not state.has("comment_themes"):
        return []
    found: dict[str, list[Row]] = {}
    for row in _rows(state, ("comments", "comment_themes"), OF_CUSTOMER, [customer_id]):
        found.setdefault(row["comment_id"], []).append(row)
    return list(found.values())[:OF_CUSTOMER_SHOWN]


def is_comment(state: Published, customer_id: str, comment_id: str) -> bool:
    """Tell whether there is such a comment."""
    sql = "SELECT 1 AS one FROM comments WHERE customer_id = $1 AND comment_id = $2 LIMIT 1"
    return bool(_rows(state, ("comments",), sql, [customer_id, comment_id]))


def gap(pk: int) -> Gap | None:
    """Give a gap of the register."""
    return Gap.objects.select_related("owner").filter(pk=pk).first()


def reads_words() -> bool:
    """Tell whether the extra that reads text is installed."""
    names = ("sudachipy", "sudachidict_core", "sklearn")
    return all(importlib.util.find_spec(name) for name in names)


def _examples(state: Published, proposals: Sequence[Row]) -> dict[str, str]:
    wanted = [key for row in proposals for key in row["examples"].split("|")]
    if not wanted:
        return {}
    rows = _rows(state, ("comments",), EXAMPLES, [wanted])
    return {row["comment_id"]: row["text"] for row in rows}


def _rows(state: Published, names: Sequence[str], sql: str, asked: Sequence[object]) -> list[Row]:
    """Read rows of published tables by their files; of empty ones there are none."""
    files = {name: state.files(name) for name in names}
    if not all(files.values()):
        return []
    with Engine(threads=2) as engine:
        for name, paths in files.items():
            engine.register_parquet(name, paths)
        found: list[Row] = engine.query(sql, asked).to_pylist()
        return found
