"""Send what is due, once: the network in threads, the database in one place.

A message is taken by a claim; whoever loses the claim changes nothing any more. The gate decides,
and that the message is being handed over is written, in one transaction that is on the disk before
a byte leaves. What breaks before the other side can have taken it is tried again. What may have
been taken is *uncertain*: it is counted and shown, and no program sends it again. At most `WINDOW`
messages of a worker are between the two at a time, so that no crash can leave more uncertain.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import batched
from random import Random

from django.db import OperationalError, connection, transaction
from django.db.models import Min, QuerySet
from django.utils import timezone

from kizuna.web.act.gate.asking import Decision
from kizuna.web.act.messages import ending, gating
from kizuna.web.act.messages.channels import Carrier, Fate, Outcome, carrier_of, is_safe
from kizuna.web.act.messages.models import LINED_UP, OutboxMessage, Setup, State
from kizuna.web.act.messages.preparing import NotNow, Prepared, Ready, prepare

WINDOW = 8
"""Messages handed over at the same time by one worker: the most that a crash leaves uncertain."""
HANDED_OVER = (State.HANDED, State.SENT, State.UNCERTAIN)
TWICE = Decision("dropped", "twice")
MARK = (
    f"UPDATE {OutboxMessage._meta.db_table} SET state = %s, handed_at = %s, due_at = %s,"
    " language = %s, address = %s WHERE id = %s"
)
"""As one expression of Django's, it would be a fifth of the time for which the database is held."""
AT_ONCE = 256
"""Messages taken and prepared together: they share what is read."""
LEASE = timedelta(minutes=10)
"""Longer than any channel takes to give up."""
PATIENCE = (1.0, 5.0, 10.0)
"""Seconds before what became of messages is written down again that the database did not take."""
BUDGET = 20.0
"""Seconds after which the worker's other jobs have their turn."""


def send_due(*, chance: Random | None = None, budget: float | None = None) -> int:
    """Send what is due for as long as others can wait; give how many messages were looked at."""
    dice, looked_at = chance or Random(), 0
    ends = time.monotonic() + (BUDGET if budget is None else budget)
    give_back(timezone.now())
    with on_the_disk(), ThreadPoolExecutor(WINDOW) as pool, Carriers() as carriers:
        while time.monotonic() < ends and (taken := take(timezone.now())):
            carriers.ready({message.channel for message in taken})
            ready = letters(taken, timezone.now(), carriers.lacking)
            called: list[ending.Called] = []
            for some in batched(ready, WINDOW):
                handed = surely(turn, called, some, timezone.now(), dice)
                called = list(pool.map(carriers.hand, handed))
                if time.monotonic() > ends or ending.is_down(called):
                    break
            surely(turn, called, (), timezone.now(), dice)
            put_back(taken)
            looked_at += len(taken)
    wake()
    return looked_at


@contextmanager
def on_the_disk() -> Iterator[None]:
    """See to it that what is committed outlives a loss of power: SQLite does so only if asked."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=FULL")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=NORMAL")


class Carriers:
    """The channels as they are opened, one after another."""

    def __init__(self) -> None:
        self.open: dict[str, Carrier | None] = {}

    def __enter__(self) -> Carriers:
        return self

    def __exit__(self, *_error: object) -> None:
        for carrier in self.open.values():
            if carrier is not None:
                carrier.close()

    @property
    def lacking(self) -> set[str]:
        """The channels of which nobody has said how they are reached."""
        return {channel for channel, carrier in self.open.items() if carrier is None}

    def ready(self, channels: Collection[str]) -> None:
        """Open channels, before threads ask for them."""
        for channel in channels:
            if channel not in self.open:
                self.open[channel] = carrier_of(channel)

    def hand(self, one: Ready) -> tuple[Ready, Outcome]:
        """Hand a letter to its channel, in a thread; whatever happens is an outcome."""
        carrier = self.open.get(one.message.channel)
        if carrier is None:
            return one, Outcome(Fate.AGAIN, "no_channel", down=True)
        try:
            return one, carrier.send(one.letter)
        except Exception as error:
            # nobody knows how far it came
            return one, Outcome(Fate.UNCERTAIN, "no_answer", type(error).__name__)


def due(now: datetime) -> QuerySet[OutboxMessage]:
    """Give what may be sent, whatever waited longest first."""
    quiet = Setup.objects.filter(paused_until__gt=now).values_list("channel", flat=True)
    waiting = OutboxMessage.objects.filter(state__in=LINED_UP, due_at__lte=now)
    return waiting.exclude(channel__in=list(quiet)).order_by("due_at", "pk")


def take(now: datetime) -> list[OutboxMessage]:
    """Take a few messages; nobody else has them until the lease runs out."""
    claim = uuid.uuid4().hex
    with transaction.atomic():
        listed = due(now)
        if connection.features.has_select_for_update_skip_locked:
            listed = listed.select_for_update(skip_locked=True, of=("self",))
        keys = [message.pk for message in listed.only("pk")[:AT_ONCE]]
        if not keys:
            return []
        mine = OutboxMessage.objects.filter(pk__in=keys, state__in=LINED_UP)
        mine.update(state=State.TAKEN, claim=claim, due_at=now + LEASE)
    found = OutboxMessage.objects.filter(claim=claim, state=State.TAKEN)
    return list(found.select_related("action", "version__template").order_by("customer_id", "pk"))


def letters(
    taken: Sequence[OutboxMessage], now: datetime, lacking: Collection[str] = ()
) -> list[Ready]:
    """Make letters; what has none is held, or dropped for good."""
    prepared: list[Prepared] = [
        NotNow(message, "no_channel", is_held=True)
        for message in taken
        if message.channel in lacking
    ]
    prepared += prepare([m for m in taken if m.channel not in lacking], now)
    with transaction.atomic():
        for left in prepared:
            if isinstance(left, NotNow):
                ending.leave(left, now)
    ready = (one for one in prepared if isinstance(one, Ready))
    return sorted(ready, key=lambda one: one.customer_id)


def surely[**P, R](write: Callable[P, R], *args: P.args, **named: P.kwargs) -> R:
    """Write what would be uncertain if it were lost, though the database be busy or away."""
    for wait in PATIENCE:
        try:
            return write(*args, **named)
        except OperationalError:
            # SQLite's works still, and knows by `on_the_disk` how to write
            if not connection.in_atomic_block and not connection.is_usable():
                connection.close()
            time.sleep(wait)
    return write(*args, **named)


def turn(
    called: Sequence[ending.Called], ready: Sequence[Ready], now: datetime, chance: Random
) -> list[Ready]:
    """Write down what became of some, and hand over the next, waiting for the disk once.

    What went wrong with the next leaves on record what became of those before.
    """
    trouble, handed = None, []
    with transaction.atomic():
        ending.record(called, now, chance)
        try:
            with transaction.atomic():
                handed = hand_over(ready, now)
        except Exception as error:  # raised below, once the others are on record
            trouble = error
    if trouble is not None:
        raise trouble
    return handed


def hand_over(ready: Sequence[Ready], now: datetime) -> list[Ready]:
    """Have the gate decide on each, and write down which are being handed over, all at once.

    Whoever has lost a message asks the gate nothing.
    """
    with transaction.atomic():
        here = ending.still([one.message for one in ready], State.TAKEN)
        asked, twice = _apart([one for one in ready if one.message.pk in here])
        decided = list(zip(asked, gating.decide(asked, now), strict=True)) if asked else []
        decided = _not_overtaken(decided)
        said_no = [(one, found) for one, found in decided if found.outcome != gating.SENT]
        ending.not_let_through([*said_no, *((one, TWICE) for one in twice)], now)
        handed = [one for one, found in decided if found.outcome == gating.SENT]
        _mark(handed, now)
    return handed


def _mark(handed: Sequence[Ready], now: datetime) -> None:
    """Write down that messages are being handed over, to which address and in which language."""
    if not handed:
        return
    at, until = (connection.ops.adapt_datetimefield_value(one) for one in (now, now + LEASE))
    rows = [
        (State.HANDED.value, at, until, one.language, one.letter.address, one.message.pk)
        for one in handed
    ]
    with connection.cursor() as cursor:
        cursor.executemany(MARK, rows)
    for one in handed:
        one.message.handed_at = now


def _apart(ready: Sequence[Ready]) -> tuple[list[Ready], list[Ready]]:
    """Part what is to be asked for from what a customer has already who was two at first.

    Of two messages that are one by now the second is looked at in another round.
    """
    had, twice = _had(ready), []
    ask: dict[tuple[int, str, str], Ready] = {}
    for one in ready:
        if _same(one) in had:
            twice.append(one)
        else:
            ask.setdefault(_same(one), one)
    return list(ask.values()), twice


def _not_overtaken(decided: Sequence[tuple[Ready, Decision]]) -> list[tuple[Ready, Decision]]:
    """Look again whether a customer who was two has the message, now that the gate holds her.

    Another worker may have handed the other one over while we waited for it to let her go.
    """
    had = _had([one for one, found in decided if found.outcome == gating.SENT])
    late = [one for one, _found in decided if _same(one) in had]
    for one in late:
        gating.take_back(one.message)
    return [(one, TWICE if one in late else found) for one, found in decided]


def _same(one: Ready) -> tuple[int, str, str]:
    return one.message.action_id, one.message.step, one.customer_id


def _had(ready: Sequence[Ready]) -> set[tuple[int, str, str]]:
    """Give which messages those customers have who were several when these were lined up."""
    keys = {key: one.customer_id for one in ready for key in one.keys}
    if not keys:
        return set()
    rows = OutboxMessage.objects.filter(
        customer_id__in=list(keys),
        action__in={one.message.action_id for one in ready},
        step__in={one.message.step for one in ready},
        state__in=HANDED_OVER,
    )
    told = rows.values_list("action_id", "step", "customer_id")
    return {(action, step, keys[key]) for action, step, key in told}


def put_back(taken: Sequence[OutboxMessage]) -> None:
    """Line up again what was taken and not handed over."""
    left = OutboxMessage.objects.filter(claim=taken[0].claim, state=State.TAKEN)
    left.update(state=State.WAITING, claim="", due_at=timezone.now())


def give_back(now: datetime) -> None:
    """See to what somebody had who was lost: what was not handed over waits again."""
    lost = OutboxMessage.objects.filter(due_at__lte=now)
    lost.filter(state=State.TAKEN).update(state=State.WAITING, claim="", due_at=now)
    for message in lost.filter(state=State.HANDED).select_related("action")[:1000]:
        if is_safe(message.channel):
            ending.mine(message).filter(state=State.HANDED).update(
                state=State.WAITING, claim="", due_at=now
            )
        else:
            ending.uncertain(message, "lost", "", now)


def wake() -> None:
    """Have the worker come back when the next message is due."""
    from kizuna.web.act.messages.tasks import send

    moment = _next_moment()
    if moment is None:
        return
    if moment <= timezone.now():
        send.enqueue()
        return
    # the end of its ten seconds, so that many moments ask for one job
    at = datetime.fromtimestamp(-(-moment.timestamp() // 10) * 10, UTC)
    send.using(run_after=at).enqueue(at.isoformat())


def _next_moment() -> datetime | None:
    pauses = dict(Setup.objects.exclude(paused_until=None).values_list("channel", "paused_until"))
    waiting = OutboxMessage.objects.filter(state__in=LINED_UP)
    first = waiting.exclude(channel__in=list(pauses)).aggregate(at=Min("due_at"))["at"]
    leases = OutboxMessage.objects.filter(state__in=(State.TAKEN, State.HANDED))
    moments = [first, leases.aggregate(at=Min("due_at"))["at"]]
    for channel, until in pauses.items():
        if waiting.filter(channel=channel).exists():
            moments.append(until)
    return min((moment for moment in moments if moment), default=None)
