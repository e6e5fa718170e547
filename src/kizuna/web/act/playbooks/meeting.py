"""Customers who were merged while they were on the way: one goes on, and chance has its say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from kizuna.web.act.actions.services import place
from kizuna.web.act.playbooks.models import Enrolment, State
from kizuna.web.capture.identities.models import Link

NOWHERE = {"wake_at": None}


def same_now(rows: Sequence[Enrolment], at: datetime) -> list[Enrolment]:
    """Give who goes on under the name that she has now; who met herself, or is held out, ends."""
    keys = [row.customer_id for row in rows]
    links = Link.objects.filter(raw_customer_id__in=keys)
    now = dict(links.values_list("raw_customer_id", "customer_id"))
    if not now:
        return list(rows)
    return [row for row in rows if row.customer_id not in now or _renamed(row, now, at)]


def _renamed(row: Enrolment, now: dict[str, str], at: datetime) -> bool:
    """Let an enrolment go on under another name; False where it ends."""
    into = now[row.customer_id]
    mine = Enrolment.objects.filter(pk=row.pk, customer_id=row.customer_id, state=State.GOING)
    with transaction.atomic():
        placed = place(action=row.playbook.action, customer_ids=[into], reason="merged", at=at)
        if into not in placed or not placed[into].is_treated:
            mine.update(state=State.HELD_OUT, ended_at=at, moved_at=at, **NOWHERE)
            return False
        number = _next_number(row, into)
        try:
            with transaction.atomic():
                if not mine.update(customer_id=into, number=number):
                    return False
        except IntegrityError:
            mine.update(state=State.MERGED, ended_at=at, moved_at=at, **NOWHERE)
            return False
    row.customer_id, row.number = into, number
    return True


def _next_number(row: Enrolment, into: str) -> int:
    others = Enrolment.objects.filter(playbook_id=row.playbook_id, customer_id=into)
    return max(others.values_list("number", flat=True), default=0) + 1
