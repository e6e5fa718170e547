"""Contacts with a customer as threads: what belongs to one case together, the last word first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kizuna.jobs.received import contacts_sql
from kizuna.pipeline.engine import Engine, quoted
from kizuna.pipeline.tables import arrow_schema
from kizuna.web.capture.events.places import store
from kizuna.web.know.publications.queries import Published
from kizuna.web.ui.templatetags.ui import writer

IMPORTED, RECEIVED = "interactions", "received_interactions"
SHOWN = 20
"""Contacts of a thread that are told; of longer ones, the last of them."""
LONGEST = 4_000
COLUMNS = (
    "interaction_id, customer_id, happened_at, channel, direction, case_id, agent, subject, "
    "left(text, {longest}) AS text, wait_seconds, minutes, transfers, outcome"
)
THREADS = """
WITH told AS ({told}), brought AS (
    SELECT {columns} FROM interactions WHERE customer_id IN ({keys})
    AND interaction_id NOT IN (SELECT interaction_id FROM told)
    UNION ALL SELECT {columns} FROM told WHERE customer_id IN ({keys}))
SELECT max(happened_at) AS last_at, count(*) AS n, sum(wait_seconds) AS waited,
    sum(transfers) AS transfers, first(subject ORDER BY happened_at, interaction_id)
        FILTER (WHERE subject IS NOT NULL) AS subject,
    last(outcome ORDER BY happened_at, interaction_id) FILTER (WHERE outcome IS NOT NULL)
        AS outcome,
    list({{'said_at': happened_at, 'channel': channel, 'direction': direction, 'agent': agent,
        'text': text, 'minutes': minutes}} ORDER BY happened_at DESC, interaction_id)[:{shown}]
        AS contacts
FROM brought GROUP BY coalesce('case ' || case_id, 'contact ' || interaction_id)
ORDER BY last_at DESC, n DESC LIMIT $1"""


@dataclass(frozen=True, slots=True)
class Said:
    """One contact of a thread."""

    at: datetime
    head: str
    text: str


@dataclass(frozen=True, slots=True)
class Thread:
    """What belongs together: when last, about what, how it went, and each contact."""

    at: datetime
    title: str
    summary: str
    contacts: tuple[Said, ...]


def threads(state: Published, keys: Sequence[str], many: int) -> Iterator[Thread]:
    """Give the threads of a customer, the latest first: imported, and up to the last second."""
    tables = store()
    has_more = RECEIVED in tables.names()
    files = state.files(IMPORTED) if IMPORTED in state.publication.read_versions else ()
    if not (files or has_more):
        return
    with Engine(threads=2) as engine:
        if files:
            engine.register_parquet(IMPORTED, files)
        else:
            engine.register(IMPORTED, arrow_schema(IMPORTED).empty_table())
        if has_more:
            tables.register(engine, RECEIVED)
        else:
            engine.register(RECEIVED, arrow_schema(RECEIVED).empty_table())
        rows = engine.query(_sql(keys), [many]).to_pylist()
    yield from map(_thread, rows)


def _sql(keys: Sequence[str]) -> str:
    listed = ", ".join(map(quoted, keys))
    # what was told of a contact last may be of somebody else: look at all that was told of it
    mine = f"interaction_id IN (SELECT interaction_id FROM {RECEIVED} "
    mine += f"WHERE customer_key IN ({listed}))"
    return THREADS.format(
        told=contacts_sql(RECEIVED, mine),
        columns=COLUMNS.format(longest=LONGEST),
        keys=listed,
        shown=SHOWN,
    )


def _thread(row: dict[str, Any]) -> Thread:
    contacts = tuple(map(_said, row["contacts"]))
    channels = dict.fromkeys(_channel(c["channel"]) for c in reversed(row["contacts"]))
    title = row["subject"] or " · ".join(channels)
    return Thread(_utc(row["last_at"]), title, " · ".join(_summary(row)), contacts)


def _summary(row: dict[str, Any]) -> Iterator[str]:
    """Tell how long a thread is, what the customer waited, how often she was passed on."""
    say = writer()
    if row["n"] > 1:
        many = ngettext("%(many)s contact", "%(many)s contacts", row["n"])
        yield many % {"many": say.number(row["n"])}
    if row["waited"]:
        yield _("waited %(minutes)s minutes") % {"minutes": say.number(row["waited"] / 60, 1)}
    if row["transfers"]:
        many = ngettext("passed on %(many)s time", "passed on %(many)s times", row["transfers"])
        yield many % {"many": say.number(row["transfers"])}
    if row["outcome"]:
        yield row["outcome"]


def _said(row: dict[str, Any]) -> Said:
    ways = {"in": _("from the customer"), "out": _("to the customer")}
    parts = [_channel(row["channel"]), ways.get(row["direction"], ""), row["agent"] or ""]
    if row["minutes"]:
        minutes = writer().number(row["minutes"], 0 if row["minutes"] >= 1 else 1)
        parts.append(_("%(minutes)s minutes") % {"minutes": minutes})
    return Said(_utc(row["said_at"]), " · ".join(filter(None, parts)), row["text"] or "")


def _channel(name: str) -> str:
    known = {
        "mail": _("Mail"),
        "phone": _("Phone call"),
        "chat": _("Chat"),
        "line": "LINE",
        "visit": _("Visit"),
        "social": _("Social media"),
        "in_person": _("In person"),
        "paper": _("Letter or fax"),
    }
    return known.get(name, name)


def _utc(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)
