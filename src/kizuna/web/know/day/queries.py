"""Reads: what waits for a person today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kizuna.jobs.portfolio import Row, portfolio
from kizuna.web.accounts.models import Person
from kizuna.web.know.alerts.conditions import FACTS
from kizuna.web.know.alerts.owners import looked_after_by
from kizuna.web.know.alerts.queries import Told, open_alerts_of, open_of, told
from kizuna.web.know.day.sections import Section, sections_of
from kizuna.web.know.health.models import Override
from kizuna.web.know.health.standing import overrides_on
from kizuna.web.know.notes.models import Mention
from kizuna.web.know.notes.queries import mentions_of
from kizuna.web.know.publications.queries import Published, published

MOST = 1_000
"""Accounts that are ordered; nobody looks after more in person."""
SOON = 90
ALERTS = 5


@dataclass(frozen=True, slots=True)
class Day:
    """What waits: accounts by urgency, alerts, renewals, who is stuck, who mentioned one."""

    person: Person
    state: Published | None
    accounts: Sequence[Row]
    alerts: Sequence[Told]
    waiting: Counter[str]
    mentions: Sequence[Mention]
    by_hand: Mapping[str, Override]
    sections: Sequence[Section] = ()

    @property
    def renewals(self) -> list[Row]:
        """Give the accounts with a deadline soon, the next first."""
        due = [a for a in self.accounts if a["days_left"] is not None and a["days_left"] <= SOON]
        return sorted(due, key=lambda account: account["days_left"])

    @property
    def stuck(self) -> list[Row]:
        """Give the accounts that are longer in their stage than expected."""
        return [account for account in self.accounts if account["stage_stuck"]]

    @property
    def currency(self) -> str:
        """Currency of the amounts."""
        return self.state.currency if self.state else "XXX"


def day_of(person: Person) -> Day:
    """Give what waits for a person."""
    state = published()
    ids = list(looked_after_by(person).values_list("pk", flat=True)[:MOST])
    return Day(
        person,
        state,
        _accounts(state, ids),
        told(open_of(person, ALERTS)),
        Counter(open_alerts_of(person)),
        [m for m in mentions_of(person) if m.seen_at is None],
        overrides_on(ids),
        sections_of(person),
    )


def _accounts(state: Published | None, ids: Sequence[str]) -> list[Row]:
    if state is None or not state.has(FACTS):
        return []
    return portfolio(state.files(FACTS), ids)
