"""Asking customers: in waves or one by one, at the pace that holds over all surveys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from kizuna.jobs.subjects import INSTEAD
from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.act.actions.models import Kind
from kizuna.web.act.actions.services import Placement, place, record_deed
from kizuna.web.act.surveys import audience, mailing, queries
from kizuna.web.act.surveys.models import Answer, Ask, Pace, Standing, State, Survey, Wave, Why
from kizuna.web.capture.consents.queries import is_erased
from kizuna.web.capture.identities.queries import belonging, customer_of

A_PART = 500
BY_CHANCE = frozenset({"held_out", "global", "contaminated"})


class NotOpenError(Exception):
    """Raised where a survey is a draft or closed."""


def ask(*, survey: Survey, customer_id: str, key: str, at: datetime, by_mail: bool = True) -> Ask:
    """Ask a customer, once a key and once a wave; the pace and chance may say no, which is kept.

    In the caller's transaction; the mail goes by the outbox, where the gate decides. `state` of
    what is given says what became of it.

    Raises
    ------
    NotOpenError
        Where nobody is asked.

    """
    with transaction.atomic():
        # one at a time: two surveys that ask her at once both see the other
        _pace()
        kept = Ask.objects.filter(unique_key=key).first()
        if kept is not None:
            return kept
        open_ones = Survey.objects.filter(pk=survey.pk, state=State.OPEN)
        open_one = open_ones.select_related("action", "template").first()
        if open_one is None:
            raise NotOpenError
        wave = current_wave(open_one, at)
        _ask_all(wave, {key: customer_id}, at, by_mail=by_mail)
        hers = wave.asks.filter(belonging(customer_of(customer_id)))
        return next(iter(hers.order_by("pk")))


def hand_over(
    *, actor: Person, survey: Survey, customer_id: str, request: HttpRequest | None = None
) -> Ask:
    """Ask a customer by a link that a person hands over herself."""
    _must(actor, Role.MEMBER)
    now = timezone.now()
    with transaction.atomic():
        _pace()
        wave = current_wave(survey, now)
        key = f"by hand:{wave.pk}:{customer_of(customer_id)}"
        made = ask(survey=survey, customer_id=customer_id, key=key, at=now, by_mail=False)
        if made.state == Standing.WAITING:
            made.state, made.sent_at = Standing.SENT, now
            made.save(update_fields=["state", "sent_at"])
            record_deed(
                key=f"survey:{made.pk}",
                action=survey.action,
                customer_id=made.customer_id,
                kind=Kind.SURVEY,
                at=now,
            )
        after = {"customer": made.customer_id, "state": made.state, "why": made.why}
        audit(
            actor=actor,
            action="act.survey.link_made",
            target=str(survey),
            after=after,
            request=request,
        )
    return made


def current_wave(survey: Survey, at: datetime) -> Wave:
    """Give the wave that a moment lies in; where there is none, one begins."""
    latest = survey.waves.order_by("-number").first()
    if latest is not None and latest.opened_at <= at < latest.closes_at:
        return latest
    if latest is not None and at < latest.opened_at:
        return latest  # a clock that was set back
    return _wave(survey, at, asks_everyone=False)


def has_room_here(*, survey: Survey, customer_id: str, at: datetime) -> bool:
    """Tell whether a visitor of the web site may be asked now; the gate has its say after that."""
    if survey.state != State.OPEN:
        return False
    mine = asked_here(survey=survey, customer_id=customer_id, at=at)
    if mine is None:
        return _is_free(_standing_in(_open_wave(survey, at), customer_id), customer_id, at)
    return not Answer.objects.filter(ask=mine).exists()


def asked_here(*, survey: Survey, customer_id: str, at: datetime) -> Ask | None:
    """Give what a visitor was asked on the site in the wave of now."""
    found = _standing_in(_open_wave(survey, at), customer_id)
    is_hers = found is not None and found.is_on_site and found.state != Standing.NOT_ASKED
    return found if is_hers else None


def ask_here(*, survey: Survey, customer_id: str, key: str, at: datetime) -> Ask | None:
    """Ask a visitor whom the gate let through, in the caller's transaction; None: no room any more.

    Whoever has not seen it yet waits (`seen_here`); a mail that did not reach her speaks against
    nothing.
    """
    _pace()
    if not has_room_here(survey=survey, customer_id=customer_id, at=at):
        return None
    if (mine := asked_here(survey=survey, customer_id=customer_id, at=at)) is not None:
        return mine
    wave = current_wave(survey, at)
    made = _standing_in(wave, customer_id) or Ask(
        survey=survey, wave=wave, customer_id=customer_of(customer_id), unique_key=key
    )
    made.state, made.why, made.made_at, made.is_on_site = Standing.WAITING, "", at, True
    made.save()
    return made


def seen_here(*, ask: Ask, at: datetime) -> None:
    """Note that a visitor has seen the question on the site: a deed, once."""
    if Ask.objects.filter(pk=ask.pk, state=Standing.WAITING).update(
        state=Standing.SENT, sent_at=at
    ):
        record_deed(
            key=f"survey:{ask.pk}", action=ask.survey.action, customer_id=ask.customer_id,
            kind=Kind.SURVEY, at=at,
        )  # fmt: skip


def begin_wave(
    *, actor: Person | None, survey: Survey, at: datetime, request: HttpRequest | None = None
) -> Wave:
    """Begin a wave that asks whoever the survey is for; no actor: the clock."""
    from kizuna.web.act.surveys.tasks import ask_wave

    if actor is not None:
        _must(actor, Role.MANAGER)
    with transaction.atomic():
        held = Survey.objects.select_for_update().get(pk=survey.pk)
        if held.state != State.OPEN:
            raise NotOpenError
        held.waves.filter(closes_at__gt=at, opened_at__lt=at).update(closes_at=at)
        made = _wave(held, at, asks_everyone=True)
        held.next_on = _after(timezone.localdate(at), held.every) if held.every else None
        held.save(update_fields=["next_on"])
        ask_wave.enqueue(made.pk)
        after = {"wave": made.number}
        audit(
            actor=actor,
            action="act.survey.wave_begun",
            target=str(held),
            after=after,
            request=request,
        )
    return made


def begin_due(at: datetime) -> int:
    """Begin the waves whose day has come; give how many."""
    due = Survey.objects.filter(state=State.OPEN, next_on__lte=timezone.localdate(at))
    found = list(due.order_by("pk"))
    for survey in found:
        begin_wave(actor=None, survey=survey, at=at)
    return len(found)


def ask_part(wave_id: int, at: datetime) -> int:
    """Ask the next part of those whom a wave is for, in one transaction; give how many were left.

    A worker that dies goes on where the last part ended.
    """
    with transaction.atomic():
        wave = (
            Wave.objects.select_for_update(of=("self",))
            .select_related("survey__action", "survey__template")
            .get(pk=wave_id)
        )
        if wave.asked_at is not None or wave.survey.state != State.OPEN or at >= wave.closes_at:
            return 0
        # she was erased since: from the first again, which asks nobody twice
        start = "" if wave.asked_until == INSTEAD else wave.asked_until
        part = audience.after(wave.survey, start, A_PART)
        _ask_all(wave, {f"wave:{wave.pk}:{one}": one for one in part}, at)
        wave.asked_until = part[-1] if part else wave.asked_until
        wave.asked_at = None if part else at
        wave.save(update_fields=["asked_until", "asked_at"])
    return len(part)


def _ask_all(wave: Wave, wanted: Mapping[str, str], at: datetime, *, by_mail: bool = True) -> None:
    """Ask some customers, by key; whoever has an asking in the wave keeps it."""
    pace, asked = _pace(), {}
    for key, raw_id in wanted.items():
        customer_id = customer_of(raw_id)
        if not wave.asks.filter(belonging(customer_id)).exists() and customer_id not in asked:
            asked[customer_id] = (key, _why_not(customer_id, at, pace))
    free = [customer_id for customer_id, (_key, why) in asked.items() if not why]
    placed = place(action=wave.survey.action, customer_ids=free, reason=str(wave), at=at)
    made = [
        _keep(wave, customer_id, key, why or _held_out(placed[customer_id]), at)
        for customer_id, (key, why) in asked.items()
    ]
    if by_mail:
        mailing.line_up(one for one in made if one.state == Standing.WAITING)


def _keep(wave: Wave, customer_id: str, key: str, why: str, at: datetime) -> Ask:
    return Ask.objects.create(
        survey=wave.survey,
        wave=wave,
        customer_id=customer_id,
        unique_key=key,
        state=Standing.NOT_ASKED if why else Standing.WAITING,
        why=why,
        made_at=at,
    )


def _held_out(placed: Placement) -> str:
    """Say why chance, or the state of the action, keeps a customer from being asked."""
    if placed.is_treated:
        return ""
    if placed.why == Why.ERASED:
        return Why.ERASED
    return Why.HELD_OUT if placed.why in BY_CHANCE else Why.CLOSED


def _why_not(customer_id: str, at: datetime, pace: Pace) -> str:
    """Say what speaks against asking; empty: nothing."""
    if is_erased(customer_id):
        return Why.ERASED
    since = at - timedelta(days=pace.days)
    asked = Q(state__in=[Standing.WAITING, Standing.SENT], made_at__gt=since)
    if Ask.objects.filter(belonging(customer_id) & asked).exists():
        return Why.LATELY
    return ""


def _is_free(mine: Ask | None, customer_id: str, at: datetime) -> bool:
    """Whether a visitor may be asked who was not, or not reached, in this wave."""
    if mine is not None and mine.why not in (Why.GATE, Why.LATELY):
        return False
    return not _why_not(customer_of(customer_id), at, Pace(days=queries.pace()))


def _open_wave(survey: Survey, at: datetime) -> Wave | None:
    """Give the wave that a moment lies in."""
    found = survey.waves.filter(opened_at__lte=at, closes_at__gt=at)
    return found.order_by("-number").first()


def _standing_in(wave: Wave | None, customer_id: str) -> Ask | None:
    if wave is None:
        return None
    hers = wave.asks.filter(belonging(customer_of(customer_id)))
    return hers.select_related("survey__action").order_by("pk").first()


def _pace() -> Pace:
    found, _made = Pace.objects.select_for_update().get_or_create(id=Pace.THE_ONE)
    return found


def _wave(survey: Survey, at: datetime, *, asks_everyone: bool) -> Wave:
    latest = survey.waves.order_by("-number").first()
    return Wave.objects.create(
        survey=survey,
        number=latest.number + 1 if latest else 1,
        opened_at=at,
        closes_at=at + timedelta(days=survey.open_days),
        asks_everyone=asks_everyone,
    )


def _after(day: date, months: int) -> date:
    """Give the same day some months later, or the last day of that month."""
    from calendar import monthrange

    counted = day.year * 12 + day.month - 1 + months
    year, month = counted // 12, counted % 12 + 1
    return day.replace(year=year, month=month, day=min(day.day, monthrange(year, month)[1]))


def _must(actor: Person, role: Role) -> None:
    if not actor.may(role):
        raise PermissionDenied
