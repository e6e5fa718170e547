"""The checks of the gate, in their order; each says no and why, or nothing.

They read nothing themselves: what they look at is `asked.known`, which is read once for all
contacts that are decided on together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from kizuna.web.act.actions.models import State
from kizuna.web.act.gate.asking import SENT, Asked, Decision, dropped, held
from kizuna.web.act.gate.known import Known
from kizuna.web.act.gate.models import Cap, Cause, Channel, Scope
from kizuna.web.capture.consents.models import Channel as Consented
from kizuna.web.capture.consents.models import Status

PERSONAL = tuple(Consented.values)
"""Channels on which a person is reached: what a cap without a channel counts."""
WRITTEN = (Channel.EMAIL, Channel.SMS, Channel.LINE, Channel.PUSH)
"""Channels on which the law wants a purpose that was consented to."""
VISITOR = "anon:"
"""What the key of a browser begins with."""
SOON = timedelta(minutes=10)

type Check = Callable[[Asked], Decision | None]


def weigh(asked: Sequence[Asked], known: Known) -> dict[str, Decision]:
    """Ask every check of each contact; the first that says no decides.

    A check is asked of all contacts before the next one, so that chance places many at once; those
    that count what was let through are asked of one contact after another.
    """
    found: dict[str, Decision] = {}
    known.left = asked
    for check in (one for one in CHECKS if one not in COUNTING):
        found |= {one.key: no for one in known.left if (no := check(one)) is not None}
        known.left = [one for one in known.left if one.key not in found]
    for one in asked:
        if one.key not in found:
            found[one.key] = _counted(one)
        known.note(one, found[one.key].is_sent and is_counted(one))
    return found


def _counted(asked: Asked) -> Decision:
    counting = (check(asked) for check in CHECKS if check in COUNTING)
    return next((no for no in counting if no is not None), SENT)


def state(asked: Asked) -> Decision | None:
    """Let nothing through for an action that is not live; a pause ends."""
    if asked.action.state == State.PAUSED:
        return held("paused")
    return None if asked.action.state == State.LIVE else dropped("not_live")


def person(asked: Asked) -> Decision | None:
    """Offer nothing to whom nobody knows, but for a visitor who is on the web site just now."""
    here = asked.channel == Channel.ON_SITE and any(k.startswith(VISITOR) for k in asked.keys)
    known = here or asked.customer_id in asked.known.who.facts
    return None if known or not asked.action.is_optional else dropped("unknown")


def suppression(asked: Asked) -> Decision | None:
    """Keep from whoever is not to be contacted; a no to offers stops nothing else."""
    kept = asked.known.suppressed.get(asked.customer_id, ())
    causes = {cause for channel, cause in kept if channel in ("", asked.channel)}
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
    found = asked.known.answers.may(
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
    said = (
        word
        for word in asked.known.answers.words(asked.customer_id)
        if word.purpose_id is None
        and word.channel in ("", asked.channel)
        and word.decided_at <= asked.at
        and word.status != Status.GRANTED
    )
    return next((dropped(word.status) for word in said), None)


def global_control(asked: Asked) -> Decision | None:
    """Leave the global control alone."""
    is_alone = asked.action.is_optional and asked.customer_id in asked.known.alone
    return dropped("global") if is_alone else None


def holdout(asked: Asked) -> Decision | None:
    """Leave alone whom chance held out; who was not placed yet is placed now."""
    if not asked.action.is_optional:
        return None
    found = asked.known.placed[asked.action.pk, asked.customer_id]
    return None if found.is_treated else dropped(found.why)


def caps(asked: Asked) -> Decision | None:
    """Hold what is one too many, until there is room again."""
    ends = [end for cap in caps_on(asked) if (end := full_until(cap, asked)) is not None]
    return held("cap", max(ends)) if ends else None


def quiet(asked: Asked) -> Decision | None:
    """Hold what would come at night or on a holiday, where the customer lives."""
    if not asked.action.is_optional or asked.channel not in asked.known.rules.quiet_channels:
        return None
    ends = asked.known.quiet_ends(asked)
    return held("quiet", ends) if ends else None


def priority(asked: Asked) -> Decision | None:
    """Leave the last room below a cap to what matters more and is about to be asked again."""
    waiting = asked.known.waiting(asked)
    if not waiting:
        return None
    rooms = [cap.count - len(_sent(cap, asked)) for cap in caps_on(asked)]
    return held("priority", asked.at + SOON) if rooms and min(rooms) <= waiting else None


LASTING: tuple[Check, ...] = (person, suppression, consent)
"""The checks that neither chance nor time changes, and that store nothing."""
COUNTING: tuple[Check, ...] = (caps, quiet, priority)
"""The checks that rest on what was let through before."""
CHECKS: tuple[Check, ...] = (
    state,
    person,
    suppression,
    consent,
    global_control,
    holdout,
    *COUNTING,
)


def is_counted(asked: Asked) -> bool:
    """Tell whether a contact counts against caps: what is no offer does not."""
    return asked.action.is_optional


def caps_on(asked: Asked) -> list[Cap]:
    """Give the caps that a contact counts against."""
    if not is_counted(asked):
        return []
    channels = [asked.channel, *([""] if asked.channel in PERSONAL else [])]
    found = (cap for cap in asked.known.caps if cap.channel in channels)
    return [cap for cap in found if cap.scope == Scope.CUSTOMER or asked.account_id]


def full_until(cap: Cap, asked: Asked) -> datetime | None:
    """Give when a cap has room again; None where it has."""
    sent = _sent(cap, asked)
    if len(sent) < cap.count:
        return None
    return max(sent[-cap.count] + timedelta(days=cap.days), asked.at + timedelta(minutes=1))


def _sent(cap: Cap, asked: Asked) -> list[datetime]:
    """Give when the contacts were made that a cap counts, the first first."""
    return sorted(_moments(cap, asked))


def _moments(cap: Cap, asked: Asked) -> Iterator[datetime]:
    channels = [cap.channel] if cap.channel else PERSONAL
    since = asked.at - timedelta(days=cap.days)
    account = asked.account_id if cap.scope == Scope.ACCOUNT else ""
    made = asked.known.made.of(asked.customer_id, account)
    return (at for at, channel in made if at > since and channel in channels)
