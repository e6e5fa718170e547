"""What people do with alerts and their rules; each checks, changes and records at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.secrecy import hide
from kizuna.web.accounts.services import audit
from kizuna.web.know.alerts.models import (
    Alert,
    AlertRule,
    Channel,
    DryRun,
    Notice,
    Snooze,
    State,
)
from kizuna.web.know.alerts.ready import READY, condition_of
from kizuna.web.know.publications.queries import published

KEPT = (
    *("name", "kind", "fact", "amount", "relative", "days", "condition", "segment"),
    *(
        "cause",
        "severity",
        "advice",
        "to",
        "person",
        "by_mail",
        "channel",
        "pace",
        "in_hours",
        "quiet_days",
    ),
    *("escalate_hours", "escalate_to", "is_on"),
)
LONGEST = timedelta(days=366)


class ChangedMeanwhileError(Exception):
    """Raised where someone has changed the rule since it was read; nothing is written."""


class InUseError(Exception):
    """Raised where rules still tell in a channel."""


def see(*, actor: Person, alert_id: int) -> None:
    """Note that whoever it goes to has read an alert; reading is no change of the record."""
    mine = Q(person=actor) | Q(person=None)
    if not actor.may(Role.MANAGER):
        mine = Q(person=actor)
    Alert.objects.filter(mine, pk=alert_id, seen_at=None).update(seen_at=timezone.now())


def finish(*, actor: Person, alert_id: int, request: HttpRequest | None = None) -> Alert:
    """Say that an alert is taken care of; what was still to be told of it is not."""
    with transaction.atomic():
        alert = _locked(actor, alert_id)
        if alert.state == State.OPEN:
            alert.state, alert.ended_at, alert.ended_by = State.DONE, timezone.now(), actor
            alert.seen_at = alert.seen_at or alert.ended_at
            alert.save(update_fields=["state", "ended_at", "ended_by", "seen_at"])
            Notice.objects.filter(alert=alert, sent_at=None).delete()
            _record(actor, "done", alert, request)
    return alert


def snooze(
    *, actor: Person, alert_id: int, days: int, request: HttpRequest | None = None
) -> datetime:
    """Be silent about the cause of an alert at this customer, whatever its numbers do."""
    until = timezone.now() + min(timedelta(days=max(days, 1)), LONGEST)
    with transaction.atomic():
        alert = _locked(actor, alert_id)
        Snooze.objects.update_or_create(
            customer_id=alert.customer_id,
            cause=alert.cause,
            defaults={"severity": alert.severity, "until_at": until, "person": actor},
        )
        Notice.objects.filter(alert=alert, sent_at=None).delete()
        _record(actor, "snoozed", alert, request, until=until.isoformat())
    return until


def wake(*, actor: Person, alert_id: int, request: HttpRequest | None = None) -> Alert:
    """End the silence about the cause of an alert."""
    with transaction.atomic():
        alert = _locked(actor, alert_id)
        Snooze.objects.filter(customer_id=alert.customer_id, cause=alert.cause).delete()
        _record(actor, "woken", alert, request)
    return alert


def add_rule(
    *, actor: Person, said: dict[str, Any], request: HttpRequest | None = None
) -> AlertRule:
    """Make a rule; who satisfies it already is told of only once it ceases and begins anew."""
    _managers_only(actor)
    with transaction.atomic():
        values = {name: said[name] for name in KEPT if name in said}
        made = AlertRule.objects.create(changed_by=actor, **values)
        _record_rule(actor, "added", made, request, after=_kept(made))
    return made


def change_rule(
    *,
    actor: Person,
    rule_id: int,
    version: int,
    said: dict[str, Any],
    request: HttpRequest | None = None,
) -> AlertRule:
    """Change a rule, if it is still at the version that was seen."""
    _managers_only(actor)
    with transaction.atomic():
        rule = AlertRule.objects.select_for_update().get(pk=rule_id)
        if rule.version != version:
            raise ChangedMeanwhileError
        before = _kept(rule)
        for name in KEPT:
            if name in said:
                setattr(rule, name, said[name])
        rule.version, rule.changed_at, rule.changed_by = version + 1, timezone.now(), actor
        rule.save()
        _record_rule(actor, "changed", rule, request, before=before, after=_kept(rule))
    return rule


def remove_rule(*, actor: Person, rule_id: int, request: HttpRequest | None = None) -> None:
    """Forget a rule; what it raised stays, with the words that it had."""
    _managers_only(actor)
    with transaction.atomic():
        rule = AlertRule.objects.select_for_update().get(pk=rule_id)
        _record_rule(actor, "removed", rule, request, before=_kept(rule))
        rule.delete()


def mute_rule(
    *, actor: Person, rule_id: int, days: int, request: HttpRequest | None = None
) -> AlertRule:
    """Have a rule raise nothing for some days; 0 ends it."""
    _managers_only(actor)
    with transaction.atomic():
        rule = AlertRule.objects.select_for_update().get(pk=rule_id)
        until = timezone.now() + min(timedelta(days=days), LONGEST) if days > 0 else None
        rule.muted_until = until
        rule.save(update_fields=["muted_until"])
        said = {"until": until.isoformat() if until else None}
        _record_rule(actor, "muted" if until else "unmuted", rule, request, after=said)
    return rule


def add_ready(*, actor: Person, request: HttpRequest | None = None) -> int:
    """Add the rules that come with Kizuna and are not there yet; give how many.

    What they tell of customers whom nobody looks after goes to whoever adds them: what is of
    everybody is of nobody.
    """
    _managers_only(actor)
    there, state = set(AlertRule.objects.values_list("name", flat=True)), published()
    made = [rule for rule in map(dict, READY) if str(rule["name"]) not in there]
    with transaction.atomic():
        for said in made:
            own = {key: str(said[key]) for key in ("name", "advice")} | {"person": actor}
            own["condition"] = condition_of(said, state.currency if state else "")
            add_rule(actor=actor, said=said | own, request=request)
    return len(made)


def add_channel(
    *, actor: Person, name: str, way: str, url: str, request: HttpRequest | None = None
) -> Channel:
    """Add a channel; its address is kept encrypted, and no record shows it."""
    _managers_only(actor)
    with transaction.atomic():
        made = Channel.objects.create(name=name, way=way, hidden_url=hide(url), made_by=actor)
        audit(
            actor=actor,
            action="know.alert_channel.added",
            target=name,
            after={"way": way},
            request=request,
        )
    return made


def remove_channel(*, actor: Person, channel_id: int, request: HttpRequest | None = None) -> None:
    """Forget a channel in which no rule tells any more; one that is gone already stays gone."""
    _managers_only(actor)
    with transaction.atomic():
        channel = Channel.objects.select_for_update().filter(pk=channel_id).first()
        if channel is None:
            return
        if AlertRule.objects.filter(channel=channel).exists():
            raise InUseError
        audit(
            actor=actor, action="know.alert_channel.removed", target=str(channel), request=request
        )
        channel.delete()


def try_on_past(
    *, actor: Person, rule_id: int, weeks: int = 52, request: HttpRequest | None = None
) -> DryRun:
    """Ask what a rule would have done; nothing is raised."""
    from kizuna.web.know.alerts.tasks import dry_run

    _managers_only(actor)
    with transaction.atomic():
        rule = AlertRule.objects.get(pk=rule_id)
        made = DryRun.objects.create(rule=rule, version=rule.version, weeks=weeks, asked_by=actor)
        dry_run.enqueue(made.pk)
        _record_rule(actor, "tried", rule, request, after={"weeks": weeks})
    return made


def may_handle(actor: Person, alert: Alert) -> bool:
    """Whether a person may act on an alert: their own; members those of nobody; managers any."""
    return actor.may(Role.MEMBER) and (
        alert.person_id in (None, actor.pk) or actor.may(Role.MANAGER)
    )


def _locked(actor: Person, alert_id: int) -> Alert:
    alert = Alert.objects.select_for_update().get(pk=alert_id)
    if not may_handle(actor, alert):
        raise PermissionDenied
    return alert


def _managers_only(actor: Person) -> None:
    if not actor.may(Role.MANAGER):
        raise PermissionDenied


def _kept(rule: AlertRule) -> dict[str, Any]:
    return {name: _plain(getattr(rule, name)) for name in KEPT}


def _plain(value: Any) -> Any:
    return value if isinstance(value, (bool, int, float, type(None))) else str(value)


def _record(
    actor: Person, verb: str, alert: Alert, request: HttpRequest | None, **said: Any
) -> None:
    audit(
        actor=actor,
        action=f"know.alert.{verb}",
        target=f"customer {alert.customer_id}",
        after={"alert": alert.pk, "cause": alert.cause, **said},
        request=request,
    )


def _record_rule(
    actor: Person, verb: str, rule: AlertRule, request: HttpRequest | None, **said: Any
) -> None:
    audit(actor=actor, action=f"know.alert_rule.{verb}", target=rule.name, request=request, **said)
