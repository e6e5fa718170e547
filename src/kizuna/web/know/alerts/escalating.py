"""What nobody has looked at in time goes to somebody else too."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from kizuna.web.accounts.services import audit
from kizuna.web.know.alerts.hours import due_at
from kizuna.web.know.alerts.models import Alert, AlertRule, Notice, State


def escalate() -> int:
    """Hand over open alerts that were neither read nor silenced in time; give how many."""
    rules = AlertRule.objects.exclude(escalate_hours=None).select_related("escalate_to")
    return sum(_escalate(rule) for rule in rules)


def _escalate(rule: AlertRule) -> int:
    now = timezone.now()
    late = now - timedelta(hours=rule.escalate_hours or 0)
    mine = Q(reasons__rule=rule, reasons__at__lte=late, reasons__is_over=False)
    waiting = Alert.objects.filter(mine, state=State.OPEN, seen_at=None, escalated_at=None)
    count = 0
    for alert in waiting.distinct():
        with transaction.atomic():
            free = Alert.objects.filter(pk=alert.pk, state=State.OPEN, escalated_at=None)
            if not free.update(escalated_at=now):
                continue
            Notice.objects.create(
                alert=alert,
                person=rule.escalate_to,
                pace=rule.pace,
                is_escalation=True,
                due_at=due_at(rule, now),
            )
            audit(
                actor=None,
                action="know.alert.escalated",
                target=f"customer {alert.customer_id}",
                after={"alert": alert.pk, "to": rule.escalate_to_id},
            )
        count += 1
    return count
