"""Reads: what comes in, how far behind the tables are, what was refused; one customer's events."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from kizuna.jobs.drain_log import Tally, tally
from kizuna.jobs.received import KINDS
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.store import Store
from kizuna.web.capture.events.places import log_path, store
from kizuna.web.capture.events.wording import Reason, reason
from kizuna.web.capture.inbox import open_inbox

SHOWN = 50
EVENTS, REJECTS = "received_events", "received_rejects"
NEWEST = f"""
SELECT name, kind, customer_key, happened_at, received_at, backdated FROM {EVENTS}
ORDER BY drain_no DESC, received_at DESC, message_id LIMIT {SHOWN}"""
STANDING = f"""
SELECT * FROM {REJECTS} AS r WHERE state = 'rejected' AND NOT EXISTS (
    SELECT 1 FROM {REJECTS} AS t WHERE t.state = 'replayed' AND t.reject_id = r.reject_id)
QUALIFY row_number() OVER (PARTITION BY reject_id ORDER BY drain_no) = 1"""
# a backup may hold a batch in its inbox and in its tables: it is drained a second time
OF_CUSTOMER = f"""
SELECT happened_at, name, kind, properties, source FROM {EVENTS}
WHERE customer_key IN (SELECT unnest($1)) AND kind IN {KINDS}
ORDER BY happened_at DESC, message_id LIMIT $2"""


@dataclass(frozen=True, slots=True)
class State:
    """How the inbox and the drain stand."""

    waiting: int
    oldest: datetime | None
    hour: Tally
    day: Tally

    @property
    def lag(self) -> float:
        """Seconds that the oldest message has been waiting."""
        return (timezone.now() - self.oldest).total_seconds() if self.oldest else 0.0

    @property
    def mood(self) -> str:
        """Mood of the lag's badge."""
        return "good" if self.lag < 5 else "caution" if self.lag < 60 else "serious"

    @property
    def per_second(self) -> float:
        """Messages accepted a second, over the last hour."""
        return self.hour.accepted / 3600


@dataclass(frozen=True, slots=True)
class Received:
    """A message that came in, as the page lists it."""

    name: str
    kind: str
    customer_key: str
    happened_at: datetime
    received_at: datetime
    backdated: bool


@dataclass(frozen=True, slots=True)
class Rejected:
    """A message that was refused: why, what helps, and how it came."""

    reject_id: str
    code: str
    field: str
    path: str
    key_id: str
    received_at: datetime
    body: str
    is_base64: bool

    @property
    def reason(self) -> Reason:
        """Why, and what helps."""
        return reason(self.code)


def state() -> State:
    """Say how the inbox and the drain stand."""
    now = timezone.now()
    with closing(open_inbox()) as inbox:
        waiting, oldest = inbox.depth(), inbox.oldest()
    hour, day = (tally(log_path(), now - timedelta(hours=hours)) for hours in (1, 24))
    return State(waiting, oldest, hour, day)


def newest() -> list[Received]:
    """List what came in last."""
    return [Received(**_aware(row)) for row in _asked(store(), EVENTS, NEWEST, [])]


def reasons() -> list[tuple[Reason, str, int]]:
    """Count what was refused and not tried again, by reason."""
    erased = f"SELECT * FROM {REJECTS} WHERE state = 'erased'"
    both = f"{STANDING} UNION ALL {erased}"
    sql = f"SELECT code, count(*) AS n FROM ({both}) GROUP BY code ORDER BY n DESC, code"
    return [(reason(r["code"]), r["code"], r["n"]) for r in _asked(store(), REJECTS, sql, [])]


def rejects(code: str = "", limit: int | None = SHOWN) -> Iterator[Rejected]:
    """List what was refused and not tried again, the newest first."""
    where = "WHERE $1 IN ('', code)"
    sql = f"SELECT * FROM ({STANDING}) {where} ORDER BY received_at DESC, reject_id"
    sql += "" if limit is None else f" LIMIT {limit}"
    return map(_rejected, _asked(store(), REJECTS, sql, [code]))


def reject(reject_id: str) -> Rejected | None:
    """Find one that was refused and not tried again."""
    sql = f"SELECT * FROM ({STANDING}) WHERE reject_id = $1"
    return next(map(_rejected, _asked(store(), REJECTS, sql, [reject_id])), None)


def events_of(keys: Sequence[str], many: int) -> list[dict[str, Any]]:
    """Give the newest events under some keys, up to the last second."""
    return [_aware(row) for row in _asked(store(), EVENTS, OF_CUSTOMER, [list(keys), many])]


def said(properties: str | None) -> str:
    """Write the plain properties of an event in one line."""
    try:
        held = json.loads(properties or "{}")
    except ValueError:
        return ""
    plain = {k: v for k, v in held.items() if isinstance(v, str | int | float)}
    return " · ".join(f"{name}: {value}" for name, value in list(plain.items())[:6])[:300]


def _asked(
    tables: Store, name: str, sql: str, values: Sequence[object]
) -> Iterator[dict[str, Any]]:
    if name not in tables.names():
        return
    with Engine(threads=2) as engine:
        tables.register(engine, name)
        yield from engine.query(sql, values).to_pylist()


def _rejected(row: dict[str, Any]) -> Rejected:
    kept = {name: row[name] for name in Rejected.__slots__}
    return Rejected(**_aware(kept))


def _aware(row: dict[str, Any]) -> dict[str, Any]:
    """Say of moments that they are in UTC."""
    return {k: v.replace(tzinfo=UTC) if isinstance(v, datetime) else v for k, v in row.items()}
