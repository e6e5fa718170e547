"""Visits to the web shop over the last months, and use of seats over years, as Segment messages.

A visitor is unknown until she signs in; from then on this device is hers. Some never sign in. An
order of the web shop is told by an event too, under the number that it has in the order log: it is
the same order, and counts once. Companies order by telephone; their staff choose flowers in an app.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from kizuna.demo.kinds import Kind
from kizuna.demo.people import customer_id

type Message = dict[str, Any]

DAYS, USE_DAYS = 92, 28
"""Days up to the last one of which visits are told; days of which the use of seats is counted."""
SIGNS_IN, SECOND_DEVICE, UNKNOWN = 0.5, 0.25, 0.4
OVERUSE, USUAL_USE, COOL_USE = 0.12, 0.6, 0.08
WEEK_HOURS = (40, 166)
"""Hours of a week, counted back from its end, in which staff choose flowers: in whichever zone days
are cut, the last 28 are the last four weeks."""
FLOWERS = (
    ("F01", "Roses", "バラの花束", 5500),
    ("F02", "Tulips", "チューリップ", 3300),
    ("F03", "Lilies", "ユリ", 4400),
    ("F04", "Orchids", "胡蝶蘭", 16_500),
    ("F05", "Sunflowers", "ひまわり", 2750),
    ("F06", "Carnations", "カーネーション", 3080),
    ("F07", "Mixed bouquet", "おまかせ花束", 4950),
)
PAGES = (
    ("Home", "ホーム", "/"),
    ("Flowers", "花を選ぶ", "/flowers"),
    ("Delivery", "配送", "/delivery"),
)


@dataclass(frozen=True, slots=True)
class Bought:
    """An order of the web shop: its number, who, when and for how much."""

    number: str
    customer: int
    at: datetime
    amount: int


@dataclass(slots=True)
class Visits:
    """All messages in the order in which they happened, and what they mean.

    devices : device → customer who signed in on it; visitors : devices on which nobody did.
    """

    messages: list[Message] = field(default_factory=list)
    devices: dict[str, str] = field(default_factory=dict)
    visitors: int = 0
    used: dict[str, int] = field(default_factory=dict)

    def truth(self) -> dict[str, Any]:
        """Say what was sent, who is who, and how many of the events are whose."""
        kinds = Counter(message["type"] for message in self.messages)
        names = Counter(m["event"] for m in self.messages if m["type"] == "track")
        return {
            "sent": len(self.messages),
            "by_kind": dict(kinds),
            "by_name": dict(names),
            "devices": self.devices,
            "unknown_visitors": self.visitors,
            "of_customers": dict(sorted(self._of_customers().items())),
            "seats_used": self.used,
        }

    def _of_customers(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for message in self.messages:
            whose = message.get("userId") or self.devices.get(message["anonymousId"])
            if whose and message["type"] in ("track", "page"):
                found[whose] += 1
        return found


@dataclass(frozen=True, slots=True)
class Used:
    """A company's weeks, 0 is the last: seats paid for, whether its people cooled; seats now."""

    customer: int
    weeks: Mapping[int, tuple[int, bool]]
    seats: int


@dataclass(slots=True)
class _Device:
    """A browser of someone; `known` once she has signed in on it."""

    name: str
    customer: int | None
    kind: str
    known: bool = False


class Simulation:
    """Draws visits one after the other."""

    def __init__(self, lang: str, until: datetime, chance: Random) -> None:
        self.lang, self.until, self.chance = lang, until, chance
        self.visits, self._number = Visits(), 0

    def customers(self, alive: Iterable[tuple[int, Kind]], bought: Iterable[Bought]) -> None:
        """Draw the visits of customers: those who order, and those who only look."""
        orders: dict[int, list[Bought]] = {}
        for order in bought:
            orders.setdefault(order.customer, []).append(order)
        for number, kind in alive:
            plans: list[tuple[datetime, Bought | None]] = [
                (order.at - timedelta(minutes=9), order) for order in orders.get(number, [])
            ]
            browses = self.chance.random() < kind.browsing
            looks = self.chance.randint(*kind.looks) if browses else 0
            plans += [(self._sometime(), None) for _ in range(looks)]
            self._customer(number, sorted(plans, key=lambda plan: plan[0]))

    def strangers(self, many: int) -> None:
        """Draw visitors who never say who they are."""
        for _ in range(many):
            device = self._device(None)
            for _ in range(self.chance.choice((1, 1, 1, 2))):
                self._visit(device, self._sometime(), None)
            self.visits.visitors += 1

    def staff(self, used: Used) -> None:
        """Draw what the people of a company choose in the app, week by week, each once or twice.

        Some companies have more people than seats.
        """
        over = self.chance.randint(1, 3) if self.chance.random() < OVERUSE else 0
        seen: set[int] = set()
        for week, (seats, cool) in used.weeks.items():
            share = COOL_USE if cool else 1.0 if over else USUAL_USE
            people = [n for n in range(seats + over) if self.chance.random() < share]
            for person in people:
                for _ in range(self.chance.randint(1, 2)):
                    self._chosen(
                        used.customer, f"{customer_id(used.customer)}-{person + 1:02d}", week
                    )
            seen.update(people if week < USE_DAYS // 7 else ())
        if used.seats and seen:
            self.visits.used[customer_id(used.customer)] = len(seen)

    def told(self, customer: int, at: datetime, event: str, said: Message) -> None:
        """Say what a customer who is known did, or what became of her payment."""
        who = customer_id(customer)
        self._add(at, type="track", event=event, userId=who, properties=said)

    def finished(self) -> Visits:
        """Give all of them in the order in which they happened."""
        self.visits.messages.sort(key=lambda m: (m["timestamp"], m["messageId"]))
        return self.visits

    def _customer(self, number: int, plans: list[tuple[datetime, Bought | None]]) -> None:
        if not plans:
            return
        devices = [self._device(number)]
        if self.chance.random() < SECOND_DEVICE:
            devices.append(self._device(number))
        for at, order in plans:
            self._visit(self.chance.choice(devices), at, order)

    def _visit(self, device: _Device, at: datetime, order: Bought | None) -> None:
        """Look around; sign in and order perhaps."""
        chance = self.chance
        for page in PAGES[: chance.randint(1, 3)]:
            self._say(device, at, type="page", **_page(page, self.lang))
            at += timedelta(seconds=chance.randint(5, 60))
        flower = chance.choice(FLOWERS)
        for flower in chance.sample(FLOWERS, chance.randint(1, 3)):
            self._track(device, at, "Product Viewed", _product(flower, self.lang))
            at += timedelta(seconds=chance.randint(5, 60))
        if order is None and device.customer is not None and chance.random() < SIGNS_IN:
            self._sign_in(device, at)
        if order is not None:
            self._sign_in(device, at)
            self._track(device, at, "Product Added", _product(flower, self.lang))
            self._track(device, order.at, "Order Completed", _order(order))

    def _sign_in(self, device: _Device, at: datetime) -> None:
        if device.known or device.customer is None:
            return
        device.known = True
        self.visits.devices[device.name] = customer_id(device.customer)
        self._say(device, at, type="identify", traits={"language": self.lang})

    def _chosen(self, customer: int, person: str, week: int) -> None:
        flower = self.chance.choice(FLOWERS)
        at = self.until - timedelta(days=7 * week, hours=self.chance.uniform(*WEEK_HOURS))
        self.told(
            customer, at, "Flowers Chosen", {**_product(flower, self.lang), "user_id": person}
        )

    def _track(self, device: _Device, at: datetime, event: str, said: Message) -> None:
        self._say(device, at, type="track", event=event, properties=said)

    def _say(self, device: _Device, at: datetime, **said: Any) -> None:
        who: Message = {"anonymousId": device.name}
        if device.known and device.customer is not None:
            who["userId"] = customer_id(device.customer)
        self._add(at, **said, **who, context={"device": {"type": device.kind}})

    def _add(self, at: datetime, **said: Any) -> None:
        self._number += 1
        when = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        named = {"messageId": f"demo-{self._number:07d}", "timestamp": when}
        self.visits.messages.append({**said, **named})

    def _device(self, customer: int | None) -> _Device:
        kind = self.chance.choice(("mobile", "mobile", "desktop"))
        return _Device(f"{self.chance.getrandbits(64):016x}", customer, kind)

    def _sometime(self) -> datetime:
        """Give a moment of the last days, never after the end."""
        back = timedelta(days=self.chance.random() * (DAYS - 1), hours=1)
        return self.until - back


def end_of(day: date, zone: str) -> datetime:
    """Give the moment at which a day is over."""
    return datetime.combine(day, time(), ZoneInfo(zone)) + timedelta(days=1)


def _page(page: tuple[str, str, str], lang: str) -> Message:
    name, name_ja, path = page
    return {"name": name_ja if lang == "ja" else name, "properties": {"path": path}}


def _product(flower: tuple[str, str, str, int], lang: str) -> Message:
    number, name, name_ja, price = flower
    named = name_ja if lang == "ja" else name
    return {"product_id": number, "name": named, "price": price, "currency": "JPY"}


def _order(order: Bought) -> Message:
    return {"order_id": order.number, "revenue": order.amount, "currency": "JPY"}
