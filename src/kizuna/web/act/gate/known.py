"""What the checks look at, read once for all contacts that are decided on together.

Each part is read when a check first asks for it, in the transaction in which is decided, and after
the customers are locked. What is let through is noted here as well, so that whoever comes later in
the same batch is counted against it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from kizuna.web.act.actions import control
from kizuna.web.act.actions.models import Action
from kizuna.web.act.actions.placing import Placement, placed
from kizuna.web.act.actions.whose import Who
from kizuna.web.act.gate.asking import Asked
from kizuna.web.act.gate.hours import Quiet
from kizuna.web.act.gate.models import Cap, Channel, Entry, Outcome, Recipient, Rules, Suppression
from kizuna.web.capture.consents.answers import Answers
from kizuna.web.know.publications.services import business_calendar

QUIET = (Channel.EMAIL, Channel.SMS, Channel.PHONE, Channel.LINE, Channel.PUSH)
"""Channels on which quiet hours are kept until somebody says otherwise."""
LATELY = timedelta(hours=1)
"""How long a contact of higher priority is waited for once its own hold has ended."""


class Made:
    """The contacts that count, by customer and by account: when, and on which channel."""

    def __init__(self) -> None:
        self.all: list[tuple[datetime, str]] = []
        self.of_customer: dict[str, list[int]] = defaultdict(list)
        self.of_account: dict[str, list[int]] = defaultdict(list)

    def add(self, customer: str, account: str, at: datetime, channel: str) -> None:
        """Count one."""
        for places in (self.of_customer[customer], self.of_account[account]):
            places.append(len(self.all))
        self.all.append((at, channel))

    def of(self, customer: str, account: str = "") -> Iterator[tuple[datetime, str]]:
        """Give those with a customer, and those with an account where one is named."""
        numbers = {*self.of_customer[customer], *(self.of_account[account] if account else ())}
        return (self.all[number] for number in numbers)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A contact that was held and may be asked for again by now."""

    key: str
    priority: int


@dataclass
class Known:
    """What is known of some customers at a moment; `left` are those whom no check has kept yet."""

    who: Who
    at: datetime
    left: Sequence[Asked] = field(default_factory=list)

    @cached_property
    def suppressed(self) -> Mapping[str, list[tuple[str, str]]]:
        """Where and why customers are not to be contacted."""
        rows = Suppression.objects.filter(customer_id__in=list(self.who.keys), lifted_at=None)
        told = rows.values_list("customer_id", "channel", "cause")
        return self._by_customer((key, (channel, cause)) for key, channel, cause in told)

    @cached_property
    def answers(self) -> Answers:
        """What they have said to being contacted."""
        return Answers(self.who.keys)

    @cached_property
    def alone(self) -> set[str]:
        """Those whom nothing optional reaches in this turn; who has no place in it is given one."""
        return control.place(self.who.only({one.customer_id for one in self._offered()}), self.at)

    @cached_property
    def placed(self) -> Mapping[tuple[int, str], Placement]:
        """Where chance has put whom, by action; who was not placed yet is placed now."""
        found: dict[tuple[int, str], Placement] = {}
        for action, customers in self._by_action():
            some = placed(action, self.who.only(customers), frozenset(), "gate", self.at)
            found |= {(action.pk, customer): there for customer, there in some.items()}
        return found

    @cached_property
    def caps(self) -> list[Cap]:
        """The caps that there are."""
        return list(Cap.objects.order_by("pk"))

    @cached_property
    def rules(self) -> Rules:
        """When nobody is contacted."""
        return Rules.objects.filter(pk=Rules.THE_ONE).first() or Rules(quiet_channels=list(QUIET))

    @cached_property
    def quiet(self) -> Quiet:
        """The quiet hours, with the holidays of the days to come."""
        rules, first = self.rules, self.at.date() - timedelta(days=1)
        days = (
            business_calendar().besides_weekends(first, first + timedelta(days=62))
            if rules.quiet_holidays
            else frozenset()
        )
        return Quiet(rules.quiet_from, rules.quiet_until, rules.quiet_weekends, days)

    def quiet_ends(self, asked: Asked) -> datetime | None:
        """Give when it ends that it is quiet where somebody lives; None where it is not."""
        zone = self._zone(asked)
        if zone not in self._ends:
            self._ends[zone] = self.quiet.ends(self.at, ZoneInfo(zone))
        return self._ends[zone]

    @cached_property
    def made(self) -> Made:
        """The contacts that were made within the longest cap, and those let through here."""
        longest = max((cap.days for cap in self.caps), default=0)
        whose = Q(customer_id__in=list(self.who.keys))
        if accounts := set(self.who.accounts.values()):
            whose |= Q(account_id__in=accounts)
        rows = Entry.objects.filter(
            whose, outcome=Outcome.SENT, is_counted=True, at__gt=self.at - timedelta(days=longest)
        )
        found = Made()
        names = ("customer_id", "account_id", "at", "channel")
        for key, account, at, channel in rows.values_list(*names):
            found.add(self.who.keys.get(key, key), account, at, channel)
        return found

    def waiting(self, asked: Asked) -> int:
        """Count the customer's other contacts that matter more and are about to be asked again."""
        hers = self._waiting.get(asked.customer_id, ())
        return sum(one.key != asked.key and one.priority > asked.priority for one in hers)

    def note(self, asked: Asked, is_counted: bool) -> None:
        """Remember a decision: nobody waits for the contact; one that was made may count."""
        mine = self._waiting.get(asked.customer_id)
        if mine:
            mine[:] = [one for one in mine if one.key != asked.key]
        if is_counted and self.caps:
            self.made.add(asked.customer_id, asked.account_id, self.at, asked.channel)

    def _offered(self) -> Iterator[Asked]:
        return (one for one in self.left if one.action.is_optional)

    def _by_action(self) -> Iterable[tuple[Action, set[str]]]:
        actions, customers = {}, defaultdict(set)
        for one in self._offered():
            actions[one.action.pk] = one.action
            customers[one.action.pk].add(one.customer_id)
        return [(actions[pk], customers[pk]) for pk in sorted(actions)]

    @cached_property
    def _waiting(self) -> Mapping[str, list[Waiting]]:
        rows = Entry.objects.filter(
            customer_id__in=list(self.who.keys),
            is_open=True,
            until__lte=self.at,
            until__gt=self.at - LATELY,
        )
        told = rows.values_list("customer_id", "key", "priority")
        return self._by_customer((whose, Waiting(key, priority)) for whose, key, priority in told)

    @cached_property
    def _zones(self) -> dict[str, str]:
        """Where customers and accounts live, as far as anybody said."""
        ids = {*self.who.keys, *self.who.accounts.values()}
        rows = Recipient.objects.filter(pk__in=ids).exclude(zone="")
        return dict(rows.values_list("customer_id", "zone"))

    @cached_property
    def _ends(self) -> dict[str, datetime | None]:
        return {}

    def _zone(self, asked: Asked) -> str:
        order = [*asked.keys, asked.account_id]
        return next((self._zones[key] for key in order if key in self._zones), settings.TIME_ZONE)

    def _by_customer[T](self, rows: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
        found: dict[str, list[T]] = {}
        for key, told in rows:
            found.setdefault(self.who.keys[key], []).append(told)
        return found
