"""Decide whether a visitor sees a message now, and note what she did with it.

Nobody is placed by chance, and nothing is decided, before the moment at which the message would
come: who never got that far is in no arm.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from kizuna.web.act.actions.models import Action, Kind, State
from kizuna.web.act.actions.services import record_deed
from kizuna.web.act.gate.services import decide
from kizuna.web.act.messages.judging import AGENTS
from kizuna.web.act.messages.markup import line
from kizuna.web.act.messages.variables import facts_of, known_of, values_of
from kizuna.web.act.on_site import blocks, paths, surveying
from kizuna.web.act.on_site.models import Audience, Hit, HitKind, Message, Showing
from kizuna.web.act.on_site.visitors import Visitor
from kizuna.web.act.surveys.services.asking import ask_here, seen_here
from kizuna.web.capture.identities.queries import belonging
from kizuna.web.know.segments.queries import of_customer

CHANNEL = "on_site"
SALT = "kizuna.on_site"
FASTEST = timedelta(seconds=0.5)
"""Sooner than this after it came, nobody has read it."""
A_DAY, A_WHILE = 86_400, 600
MOST_HITS = 20
TOLD = frozenset({HitKind.SHOWN, HitKind.CLICKED, HitKind.CLOSED})
PRESSED = frozenset({HitKind.CLICKED, HitKind.ANSWERED})
ENDS = frozenset({HitKind.CLICKED, HitKind.CLOSED, HitKind.ANSWERED})
GOOD_FOR = timedelta(days=1)
BY_CHANCE = frozenset({"held_out", "global", "contaminated"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A page that would show a message now."""

    visitor: Visitor
    path: str
    language: str
    agent: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be shown; nothing: not to be asked again for so many seconds."""

    shown: dict[str, Any] | None = None
    again: int = A_WHILE


def live(on: Any) -> list[Message]:
    """Give the messages that may be shown on a day, the oldest first."""
    open_ones = Q(survey=None) | Q(survey__state="open")
    found = Message.objects.filter(open_ones, action__state=State.LIVE).select_related("action")
    return [one for one in found.order_by("pk") if _is_on(one, on)]


def ask(*, pk: int, asked: Asked) -> Answer:
    """Decide, and write down that it is let through, in one transaction."""
    found = Message.objects.select_related("action", "survey__action").filter(pk=pk)
    message = found.first()
    if message is None or not _is_for(message, asked):
        return Answer()
    texts = words_of(message, asked.language)
    values = _values(texts, asked)
    if blocks.lacking(texts[:2], values):
        return Answer()
    try:
        with transaction.atomic():
            return _decided(message, texts, values, asked)
    except IntegrityError:
        # another page of hers asked at the same moment, and shows it
        return Answer()


def note(*, token: str, kind: str, agent: str, at: datetime) -> None:
    """Keep what a page tells of a showing; what was shown is a deed, once."""
    if kind not in TOLD:
        return
    with transaction.atomic():
        if (found := _held(token)) is not None:
            _keep(found, kind, agent, at)
            _follow(found, kind, at)


def answer(*, token: str, reply: str, words: str, agent: str, at: datetime) -> bool:
    """Take what a visitor answered by one press; False where it is no answer of a person."""
    with transaction.atomic():
        found = _held(token)
        if found is None or _keep(found, HitKind.ANSWERED, agent, at):
            return False
        if not surveying.take(showing=found, reply=reply, words=words):
            return False
        _follow(found, HitKind.ANSWERED, at)
    return True


def words_of(message: Message, language: str) -> tuple[str, str, str]:
    """Give title, text and button in a language, or in the one that there is."""
    wanted = "ja" if language.startswith("ja") else "en"
    there = [one for one in ("ja", "en") if getattr(message, f"body_{one}")]
    chosen = wanted if wanted in there or not there else there[0]
    title, body, button = (getattr(message, f"{n}_{chosen}") for n in ("title", "body", "button"))
    return title, body, button


def rendered(
    message: Message, texts: tuple[str, str, str], values: dict[str, str | None], language: str
) -> dict[str, Any]:
    """Give what the script on the page shows."""
    title, body, button = texts
    said = {
        "look": message.look,
        "title": line(title, values),
        "body": blocks.blocks(body, values),
        "button": button if message.link else "",
        "link": message.link if button else "",
    }
    asked = surveying.question_of(message.survey, language) if message.survey else None
    return said | ({"survey": asked} if asked else {})


def _decided(
    message: Message, texts: tuple[str, str, str], values: dict[str, str | None], asked: Asked
) -> Answer:
    who = asked.visitor.customer_id
    numbers = _hers(message, who).values_list("number", flat=True)
    number = max(numbers, default=0) + 1
    # old showings are let go of, and numbers begin anew then: each month has keys of its own
    key = f"on_site:{message.pk}:{who}:{number}:{asked.at:%Y-%m}"
    said = decide(key=key, customer_id=who, channel=CHANNEL, action=deed_of(message), at=asked.at)
    if not said.is_sent:
        return Answer(again=A_DAY if said.reason in BY_CHANCE else A_WHILE)
    # the gate lets one at a time through to her: what is counted now holds
    if _is_enough(message, who, asked.at):
        transaction.set_rollback(True)
        return Answer(again=A_DAY)
    ask = None
    if message.survey is not None:
        ask = ask_here(survey=message.survey, customer_id=who, key=key, at=asked.at)
        if ask is None:
            transaction.set_rollback(True)
            return Answer(again=A_DAY)
    made = Showing.objects.create(
        message=message, customer_id=who, number=number, let_at=asked.at, ask=ask,
        agent=asked.agent[:300],
    )  # fmt: skip
    token = signing.dumps(made.pk, salt=SALT, compress=True)
    return Answer(rendered(message, texts, values, asked.language) | {"token": token})


def deed_of(message: Message) -> Action:
    """Give what is done to who sees it: the survey, where it asks one."""
    found: Action = message.survey.action if message.survey else message.action
    return found


def _is_enough(message: Message, who: str, at: datetime) -> bool:
    survey = message.survey
    mine = surveying.hers(survey, who, at) if survey else _hers(message, who)
    lately = mine.filter(let_at__gt=at - timedelta(days=message.days)).count()
    return lately >= message.times or mine.filter(ended_at__isnull=False).exists()


def _is_on(message: Message, on: Any) -> bool:
    begun = message.from_on is None or message.from_on <= on
    return begun and (message.until_on is None or on <= message.until_on)


def _is_for(message: Message, asked: Asked) -> bool:
    if message.action.state != State.LIVE or is_program(asked.agent):
        return False
    if not _is_on(message, timezone.localdate(asked.at)):
        return False
    if not paths.matches(message.pages, asked.path):
        return False
    return _is_among(message, asked)


def _is_among(message: Message, asked: Asked) -> bool:
    visitor = asked.visitor
    if message.audience == Audience.ANONYMOUS and visitor.is_known:
        return False
    if message.audience == Audience.SEGMENT and not _is_in(message.segment_id, visitor):
        return False
    # spares the gate a question whose answer is known
    who = visitor.customer_id
    return surveying.has_room(message, who, asked.at) and not _is_enough(message, who, asked.at)


def _is_in(segment_id: int | None, visitor: Visitor) -> bool:
    """Whether somebody for whom the site vouches is in a segment."""
    if not visitor.is_proven:
        return False
    found = of_customer(visitor.customer_id)
    return any(one.pk == segment_id and since is not None for one, since in found)


def _hers(message: Message, who: str) -> QuerySet[Showing]:
    """Give what was let through to a visitor, under whichever of her keys."""
    return Showing.objects.filter(belonging(who), message=message)


def _values(texts: tuple[str, ...], asked: Asked) -> dict[str, str | None]:
    """Give what fills the placeholders; of a visitor whom nobody vouches for, nothing does."""
    names = blocks.names_in(texts[:2])
    if not names or not asked.visitor.is_proven:
        return {}
    who = asked.visitor.customer_id
    language = "ja" if asked.language.startswith("ja") else "en"
    known = known_of(facts_of([who]), {who: language}, names)[who]
    return values_of(known, names)


def is_program(agent: str) -> bool:
    """Whether a browser says that it is none."""
    return not agent or AGENTS.search(agent) is not None


def _judged(found: Showing, kind: str, agent: str, at: datetime) -> str:
    """Say by what a program is known; empty: a person, as far as is known."""
    if is_program(agent):
        return "agent"
    if agent[:300] != found.agent:
        return "another"
    # of an answer, that it was shown goes without saying where word of it was lost
    since = found.shown_at or (found.let_at if kind == HitKind.ANSWERED else None)
    fast = kind in PRESSED and (since is None or at - since < FASTEST)
    return "too_fast" if fast else ""


def _held(token: str) -> Showing | None:
    """Give the showing that a token is for, and keep others from it; one that told enough: None."""
    if (pk := _opened(token)) is None:
        return None
    rows = Showing.objects.select_for_update(of=("self",))
    found = rows.select_related("message__action", "ask__survey__action").filter(pk=pk).first()
    return found if found is not None and found.hits.count() < MOST_HITS else None


def _keep(found: Showing, kind: str, agent: str, at: datetime) -> str:
    """Keep what a page told as it came; give by what it is known as a program's."""
    why = _judged(found, kind, agent, at)
    Hit.objects.create(
        showing=found, customer_id=found.customer_id, kind=kind, at=at, agent=agent[:300], why=why
    )
    return why


def _follow(found: Showing, kind: str, at: datetime) -> None:
    if kind in (HitKind.SHOWN, HitKind.ANSWERED) and found.shown_at is None:
        found.shown_at = at
        _record(found, at)
    if kind in ENDS and found.ended_at is None:
        found.ended_at = at
    found.save(update_fields=["shown_at", "ended_at"])


def _record(found: Showing, at: datetime) -> None:
    if found.message.survey_id is None:
        record_deed(
            key=f"on_site:{found.pk}", action=found.message.action,
            customer_id=found.customer_id, kind=Kind.ON_SITE, at=at,
        )  # fmt: skip
    elif found.ask is not None:
        seen_here(ask=found.ask, at=at)


def _opened(token: str) -> int | None:
    try:
        found = signing.loads(token, salt=SALT, max_age=GOOD_FOR)
    except signing.BadSignature:
        return None
    return found if isinstance(found, int) else None
