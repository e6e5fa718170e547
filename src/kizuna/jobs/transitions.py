"""Who began or ceased to satisfy conditions from one day of facts to the next.

One evaluation serves three callers: a publication (two frames a customer: the former facts and
those of now), the customers of an event that just came (the same, of a few), and the dry run of a
rule (a frame a week). So a rule that was tried on the past does in earnest what it did there.

A condition is SQL that is true, false, or NULL where the facts do not tell. What was not known
before and is true now began nowhere: bringing old data in raises nothing. `first_seen` counts it
as begun all the same, for news that is known to be of now.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pyarrow as pa

from kizuna.pipeline.engine import Engine, identifier

FRAMES, HISTORY = "frames", "history"
WORD = 60
"""Conditions that share one whole number while they are compared."""
SLACK_DAYS = 45
"""How much older than asked for a fact of the past may be: months are kept by their last day."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A fact as it was some days before: the condition reads it as `column`."""

    fact: str
    days: int

    @property
    def column(self) -> str:
        """Name of the former value."""
        return f"{self.fact}__{self.days}d"


@dataclass(frozen=True, slots=True)
class Condition:
    """What is watched; `sql` reads columns of the facts and the trends that it names."""

    key: int
    sql: str
    trends: tuple[Trend, ...] = ()


def moved(engine: Engine, conditions: Sequence[Condition], *, first_seen: bool = False) -> pa.Table:
    """Give (customer_id, day, key, begins) of each change between neighbouring frames.

    Reads `frames` (customer_id, day, facts) and, where a condition has trends, `history` with the
    facts of former days in the same columns.
    """
    if not conditions:
        return NONE.empty_table()
    # each is read once for every word of conditions: kept, they are worked out once
    engine.create("watched", _watched(conditions))
    engine.create("compared", _compared(conditions, first_seen))
    return engine.query(" UNION ALL ".join(_unpacked(conditions))).cast(NONE)


NONE = pa.schema(
    [
        ("customer_id", pa.string()),
        ("day", pa.date32()),
        ("key", pa.int64()),
        ("begins", pa.bool_()),
    ]
)


def without_flaps(engine: Engine, name: str, quiet: dict[int, int]) -> pa.Table:
    """Keep of the beginnings in a table those that come after as many quiet days as a rule wants.

    Each beginning, told or not, starts the quiet anew: what goes on and off tells once.
    """
    days = pa.table({"key": list(quiet), "quiet": list(quiet.values())}, QUIET)
    engine.register("quiet_days", days)
    return engine.query(
        f"SELECT customer_id, day, key FROM (SELECT b.*, q.quiet, lag(b.day) OVER "
        f"(PARTITION BY b.customer_id, b.key ORDER BY b.day) AS former FROM {identifier(name)} "
        "AS b INNER JOIN quiet_days AS q USING (key) WHERE b.begins) "
        "WHERE former IS NULL OR day - former >= quiet"
    )


QUIET = pa.schema([("key", pa.int64()), ("quiet", pa.int64())])


def weeks(last: date, many: int) -> tuple[date, ...]:
    """Give the last days of so many weeks, the earliest first."""
    return tuple(last - timedelta(days=7 * back) for back in reversed(range(many)))


def _words(conditions: Sequence[Condition]) -> Iterator[tuple[int, Sequence[Condition]]]:
    for at in range(0, len(conditions), WORD):
        yield at // WORD, conditions[at : at + WORD]


def _watched(conditions: Sequence[Condition]) -> str:
    """SQL: of each frame, which conditions are true and which are false, a bit each.

    Each condition is written once, and bits are put together in pairs: the engine plans a long
    chain of hundreds of them for longer than it takes to work it out.
    """
    said = ", ".join(f"({c.sql}) AS {_said(n)}" for n, c in enumerate(conditions))
    bits = []
    for word, some in _words(conditions):
        for name, test in (("yes", "{}"), ("no", "NOT {}")):
            tests = [test.format(_said(word * WORD + k)) for k, _condition in enumerate(some)]
            flags = [
                f"(CASE WHEN {t} THEN {1 << k} ELSE 0 END)::BIGINT" for k, t in enumerate(tests)
            ]
            bits.append(f"{_together(flags)} AS {name}_{word}")
    frames = f"SELECT customer_id, day, {said} FROM ({_with_trends(conditions)})"
    return f"SELECT customer_id, day, {', '.join(bits)} FROM ({frames})"


def _said(number: int) -> str:
    return f"said_{number}"


def _together(flags: Sequence[str]) -> str:
    """SQL: the bits of all flags, halved down so that no expression is deep."""
    if len(flags) == 1:
        return flags[0]
    half = len(flags) // 2
    return f"({_together(flags[:half])} | {_together(flags[half:])})"


def _with_trends(conditions: Sequence[Condition]) -> str:
    """SQL: the frames, with the facts of former days beside those of the day."""
    trends = dict.fromkeys(trend for c in conditions for trend in c.trends)
    joins, columns = "", ""
    for days in sorted({trend.days for trend in trends}):
        joins += (
            f" ASOF LEFT JOIN {HISTORY} AS h{days} ON f.customer_id = h{days}.customer_id "
            f"AND f.day - {days} >= h{days}.day"
        )
    for trend in trends:
        former = f"h{trend.days}.{identifier(trend.fact)}"
        columns += (
            f", CASE WHEN f.day - h{trend.days}.day <= {trend.days + SLACK_DAYS} "
            f"THEN {former} END AS {identifier(trend.column)}"
        )
    return f"SELECT f.*{columns} FROM {FRAMES} AS f{joins}"


def _compared(conditions: Sequence[Condition], first_seen: bool) -> str:
    former = ", ".join(
        f"lag(yes_{word}) OVER w AS was_yes_{word}, lag(no_{word}) OVER w AS was_no_{word}"
        for word, _some in _words(conditions)
    )
    changes = ", ".join(
        f"{_begins(word, first_seen)} AS in_{word}, "
        f"coalesce(no_{word} & was_yes_{word}, 0) AS out_{word}"
        for word, _some in _words(conditions)
    )
    return (
        f"SELECT customer_id, day, {changes} FROM (SELECT *, {former} FROM watched "
        "WINDOW w AS (PARTITION BY customer_id ORDER BY day))"
    )


def _begins(word: int, first_seen: bool) -> str:
    if first_seen:
        news = f"yes_{word} & ~coalesce(was_yes_{word}, 0)"
        return f"(CASE WHEN day = (SELECT max(day) FROM {FRAMES}) THEN {news} ELSE 0 END)"
    return f"coalesce(yes_{word} & was_no_{word}, 0)"


def _unpacked(conditions: Sequence[Condition]) -> Iterator[str]:
    """SQL: a row for each bit that is set."""
    for word, some in _words(conditions):
        keys = ", ".join(f"({bit}, {condition.key})" for bit, condition in enumerate(some))
        for name, begins in (("in", "true"), ("out", "false")):
            yield (
                f"SELECT customer_id, day, k.key, {begins} AS begins FROM (SELECT * FROM compared "
                f"WHERE {name}_{word} <> 0) AS c INNER JOIN (VALUES {keys}) AS k(bit, key) "
                f"ON ((c.{name}_{word} >> k.bit) & 1) = 1"
            )
