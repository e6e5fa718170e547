"""The checks of the gate, in their order; each says no and why, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet

from kizuna.web.act.actions import control
from kizuna.web.act.actions.models import State
from kizuna.web.act.actions.placing import placed
from kizuna.web.act.gate.asking import SENT, Asked, Decision, dropped, held
from kizuna.web.act.gate.hours import Quiet
from kizuna.web.act.gate.models import (
    Cap,
    Cause,
    Channel,
    Entry,
    Outcome,
    Recipient,
    Rules,
    Scope,
    Suppression,
)
from kizuna.web.capture.consents import queries as consents
from kizuna.web.capture.consents.models import Channel as Consented
from kizuna.web.capture.consents.models import Status
from kizuna.web.know.publications.services import business_calendar

PERSONAL = tuple(Consented.values)
"""Channels on which a person is reached: what a cap without a channel counts."""
WRITTEN = (Channel.EMAIL, Channel.SMS, Channel.LINE, Channel.PUSH)
"""Channels on which the law wants a purpose that was consented to."""
QUIET = (Channel.EMAIL, Channel.SMS, Channel.PHONE, Channel.LINE, Channel.PUSH)
"""Channels on which quiet hours are kept until somebody says otherwise."""
VISITOR = "anon:"
"""What the key of a browser begins with."""
SOON = timedelta(minutes=10)
LATELY = timedelta(hours=1)
"""How long a contact of higher priority is waited for once its own hold has ended."""

type Check = Callable[[Asked], Decision | None]


def weigh(asked: Asked) -> Decision:
    """Ask every check; the first that says no decides."""
    for check in CHECKS:
        if (found := check(asked)) is not None:
            return found
    return SENT


def state(asked: Asked) -> Decision | None:
    """Let nothing through for an action that is not live; a pause ends."""
    if asked.action.state == State.PAUSED:
        return held("paused")
    return None if asked.action.state == State.LIVE else dropped("not_live")


def person(asked: Asked) -> Decision | None:
    """Offer nothing to whom nobody knows, but for a visitor who is on the web site just now."""
    here = asked.channel == Channel.ON_SITE and any(k.startswith(VISITOR) for k in asked.keys)
    known = here or asked.customer_id in asked.who.facts
    return None if known or not asked.action.is_optional else dropped("unknown")


def suppression(asked: Asked) -> Decision | None:
    """Keep from whoever is not to be contacted; a no to offers stops nothing else."""
    kept = Suppression.objects.filter(
        Q(channel="") | Q(channel=asked.channel), customer_id__in=asked.keys, lifted_at=None
    )
    causes = set(kept.values_list("cause", flat=True))
    if not asked.action.is_optional:
        causes &= {Cause.BOUNCE}
    order = (Cause.COMPLAINT, Cause.HAND, Cause.BOUNCE)
    return next((dropped(cause.value) for cause in order if cause in causes), None)


def consent(asked: Asked) -> Decision | None:
    """Ask what the customer said to being contacted."""
    if asked.channel not in PERSONAL:
        return None
    if not asked.purpose:
        return _without_purpose(asked)
    found = consents.may(
        asked.customer_id,
        channel=asked.channel,
        purpose=asked.purpose,
        topic=asked.topic,
        at=asked.at,
    )
    return None if found.allowed else dropped(found.code)


def _without_purpose(asked: Asked) -> Decision | None:
    """Write nobody an offer without a purpose; elsewhere only a no to everything counts."""
    if not asked.action.is_optional:
        return None
    if asked.channel in WRITTEN:
        return dropped("no_purpose")
    said = consents.words(asked.customer_id).filter(
        channel__in=["", asked.channel], decided_at__lte=asked.at, purpose=None
    )
    no = said.exclude(status=Status.GRANTED).first()
    return dropped(no.status) if no else None


def global_control(asked: Asked) -> Decision | None:
    """Leave the global control alone."""
    if asked.action.is_optional and control.place(asked.who, asked.at):
        return dropped("global")
    return None


def holdout(asked: Asked) -> Decision | None:
    """Leave alone whom chance held out; who was not placed yet is placed now."""
    if not asked.action.is_optional:
        return None
    nobody: frozenset[str] = frozenset()
    found = placed(asked.action, asked.who, nobody, "gate", asked.at)[asked.customer_id]
    return None if found.is_treated else dropped(found.why)


def caps(asked: Asked) -> Decision | None:
    """Hold what is one too many, until there is room again."""
    ends = [end for cap in caps_on(asked) if (end := full_until(cap, asked)) is not None]
    return held("cap", max(ends)) if ends else None


def quiet(asked: Asked) -> Decision | None:
    """Hold what would come at night or on a holiday, where the customer lives."""
    if not asked.action.is_optional:
        return None
    rules = Rules.objects.filter(pk=Rules.THE_ONE).first() or Rules(quiet_channels=list(QUIET))
    if asked.channel not in rules.quiet_channels:
        return None
    ends = quiet_of(rules, asked.at).ends(asked.at, zone_of(asked))
    return held("quiet", ends) if ends else None


def priority(asked: Asked) -> Decision | None:
    """Leave the last room below a cap to what matters more and is about to be asked again."""
    waiting = (
        Entry.objects.filter(
            customer_id__in=asked.keys,
            is_open=True,
            priority__gt=asked.priority,
            until__lte=asked.at,
            until__gt=asked.at - LATELY,
        )
        .exclude(key=asked.key)
        .count()
    )
    if not waiting:
        return None
    rooms = [cap.count - len(_sent(cap, asked)) for cap in caps_on(asked)]
    return held("priority", asked.at + SOON) if rooms and min(rooms) <= waiting else None


CHECKS: tuple[Check, ...] = (
    state,
    person,
    suppression,
    consent,
    global_control,
    holdout,
    caps,
    quiet,
    priority,
)


def is_counted(asked: Asked) -> bool:
    """Tell whether a contact counts against caps: what is no offer does not."""
    return asked.action.is_optional


def caps_on(asked: Asked) -> list[Cap]:
    """Give the caps that a contact counts against."""
    if not is_counted(asked):
        return []
    channels = [asked.channel, *([""] if asked.channel in PERSONAL else [])]
    found = Cap.objects.filter(channel__in=channels).order_by("pk")
    return [cap for cap in found if cap.scope == Scope.CUSTOMER or asked.account_id]


def full_until(cap: Cap, asked: Asked) -> datetime | None:
    """Give when a cap has room again; None where it has."""
    sent = _sent(cap, asked)
    if len(sent) < cap.count:
        return None
    return max(sent[-cap.count] + timedelta(days=cap.days), asked.at + timedelta(minutes=1))


def _sent(cap: Cap, asked: Asked) -> list[datetime]:
    """Give when the contacts were made that a cap counts, the first first."""
    return list(_counted(cap, asked).order_by("at").values_list("at", flat=True))


def _counted(cap: Cap, asked: Asked) -> QuerySet[Entry]:
    whose = Q(customer_id__in=asked.keys)
    if cap.scope == Scope.ACCOUNT:
        whose |= Q(account_id=asked.account_id)
    channels = [cap.channel] if cap.channel else PERSONAL
    return Entry.objects.filter(
        whose,
        outcome=Outcome.SENT,
        is_counted=True,
        channel__in=channels,
        at__gt=asked.at - timedelta(days=cap.days),
    )


def quiet_of(rules: Rules, at: datetime) -> Quiet:
    """Give the quiet hours, with the holidays of the days to come."""
    first = at.date() - timedelta(days=1)
    days = (
        business_calendar().besides_weekends(first, first + timedelta(days=62))
        if rules.quiet_holidays
        else frozenset[date]()
    )
    return Quiet(rules.quiet_from, rules.quiet_until, rules.quiet_weekends, days)


def zone_of(asked: Asked) -> ZoneInfo:
    """Give where a customer lives, or the account, or the organisation."""
    mine = dict(
        Recipient.objects.filter(pk__in=[*asked.keys, asked.account_id])
        .exclude(zone="")
        .values_list("customer_id", "zone")
    )
    order = [asked.customer_id, *asked.keys, asked.account_id]
    name = next((mine[key] for key in order if key in mine), settings.TIME_ZONE)
    return ZoneInfo(name)
