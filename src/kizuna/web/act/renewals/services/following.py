"""After a publication: what comes due, what the data says of it, and what became of the rest."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import batched

from django.db import transaction
from django.utils import timezone

from kizuna.jobs import renewals as jobs
from kizuna.web.accounts.services import audit
from kizuna.web.act.renewals.models import KEPT, Renewal, State
from kizuna.web.act.renewals.services.escalating import close, look_again
from kizuna.web.act.tasks.days import day_of
from kizuna.web.know.publications.queries import published

AHEAD = 200
"""Days ahead of which terms are followed: longer than any ladder of half a year."""
BEHIND = timedelta(days=400)
"""How long ago a term may have ended for its outcome to be looked for."""
A_PART = 500
MONTHS = 12
FOLLOWED = ("customer_id", "product", "currency", "mrr", "decide_by", "is_notice")
SAID_BY_DATA = ("likelihood", "source", "at_risk")


def follow(*, at: datetime | None = None) -> int:
    """Bring the renewals into line with what is published; give how many came up or changed.

    Each part is a transaction; a second run changes nothing.
    """
    state, now = published(), at or timezone.now()
    if state is None or not all(state.has(name) for name in jobs.READS):
        return 0
    as_of = state.publication.as_of
    if as_of is None:
        return 0
    files = {name: state.files(name) for name in jobs.READS}
    book = jobs.book(files, as_of=as_of, ahead=AHEAD, since=as_of - BEHIND)
    changed = sum(_take(part, day_of(now), now) for part in batched(book.due, A_PART))
    return changed + _end(book, as_of, now)


def _take(part: tuple[jobs.Row, ...], today: date, now: datetime) -> int:
    """Write what comes due; what is there already is changed where it differs."""
    with transaction.atomic():
        ids = [row["contract_id"] for row in part]
        kept = Renewal.objects.select_for_update(of=("self",)).select_related("ladder")
        kept = kept.filter(contract_id__in=ids)
        there = {(r.contract_id, r.ends_on): r for r in kept}
        made, changed = [], []
        for row in part:
            found, values = there.get((row["contract_id"], row["ends_on"])), _values(row)
            if found is None:
                made.append(
                    Renewal(
                        contract_id=row["contract_id"],
                        ends_on=row["ends_on"],
                        seen_on=today,
                        **values,
                    )
                )
            elif found.state == State.OPEN and _differs(found, values):
                changed.append(found)
        Renewal.objects.bulk_create(made, ignore_conflicts=True)
        Renewal.objects.bulk_update(changed, [*FOLLOWED, *SAID_BY_DATA])
        look_again(changed, now)
    return len(made) + len(changed)


def _values(row: jobs.Row) -> dict[str, object]:
    year = (row["mrr"] or 0) * MONTHS
    likelihood = row["likelihood"]
    return {
        "customer_id": row["customer_id"],
        "product": row["product"] or "",
        "currency": row["currency"],
        "mrr": row["mrr"] or 0,
        "decide_by": row["notice_by"] or row["ends_on"],
        "is_notice": row["notice_by"] is not None,
        "likelihood": likelihood,
        "source": row["source"],
        "at_risk": None if likelihood is None else year * (1 - likelihood),
    }


def _differs(found: Renewal, values: dict[str, object]) -> bool:
    """Put values into a renewal; tell whether any was another."""
    wrong = {name: v for name, v in values.items() if getattr(found, name) != v}
    for name, value in wrong.items():
        setattr(found, name, value)
    return bool(wrong)


def _end(book: jobs.Book, as_of: date, now: datetime) -> int:
    """Settle the terms whose end is known; the data's word goes before a person's."""
    count = 0
    old = Renewal.objects.filter(ends_on__gte=as_of - BEHIND).exclude(
        state__in=[*KEPT, State.GONE], settled_by=None
    )
    for part in batched(list(old.values_list("pk", flat=True)), A_PART):
        with transaction.atomic():
            for renewal in Renewal.objects.select_for_update().filter(pk__in=part):
                count += _settle(renewal, book, as_of, now)
    return count


def _settle(renewal: Renewal, book: jobs.Book, as_of: date, now: datetime) -> bool:
    became = _became(renewal, book, as_of)
    if became is None or became == renewal.state:
        return False
    before = renewal.state
    renewal.state, renewal.settled_at, renewal.settled_by = became, now, None
    renewal.say_by = None
    renewal.save(update_fields=["state", "settled_at", "settled_by", "say_by"])
    close(renewal, now)
    audit(
        actor=None,
        action="act.renewal.ended",
        target=f"customer {renewal.customer_id}",
        before={"renewal": renewal.pk, "state": before},
        after={"renewal": renewal.pk, "state": became},
    )
    return True


def _became(renewal: Renewal, book: jobs.Book, as_of: date) -> str | None:
    """Say what became of a term; None: nothing yet, or nothing that the data knows."""
    outcome = book.ended.get((renewal.contract_id, renewal.ends_on))
    if outcome is not None:
        return str(outcome)
    if renewal.state != State.OPEN or renewal.ends_on <= as_of:
        return None
    runs_until = book.running.get(renewal.contract_id)
    return None if runs_until == renewal.ends_on else State.GONE
