"""Many customers enter by hand: who is meant, a look at what would become of them, and then it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import batched
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext_noop

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.act.messages.services import NotWrittenError
from kizuna.web.act.messages.services.foreseeing import stopped
from kizuna.web.act.playbooks import enrolling
from kizuna.web.act.playbooks.kinds_beside import template_of
from kizuna.web.act.playbooks.models import Intake, Playbook
from kizuna.web.act.playbooks.plan import Step, plan_of
from kizuna.web.jobs import progress
from kizuna.web.know.customers.filters import filtered
from kizuna.web.know.customers.forms import FilterForm
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.lists.services import cleaned
from kizuna.web.know.segments.models import Segment
from kizuna.web.know.segments.queries import member_ids

LOOKED_AT = 2_000
"""Customers of many who are looked at beforehand; the others are like them."""
AT_ONCE = 500
"""Customers who are put in while a person waits; of more the worker takes care."""
FEW = 20_000
"""Customers of a company among whom those of a segment are found while a person waits."""
MOST_CHOSEN = 500


def ask(
    *,
    actor: Person,
    pk: int,
    segment: Segment | None = None,
    chosen: Sequence[str] | None = None,
    query: str = "",
    request: HttpRequest | None = None,
) -> Intake:
    """Say who is meant, and have them looked at; nobody enters before `begin`."""
    from kizuna.web.act.playbooks.tasks import look_at

    if not actor.may(Role.MEMBER):
        raise PermissionDenied
    with transaction.atomic():
        made = Intake.objects.create(
            playbook=Playbook.objects.get(pk=pk),
            by=actor,
            segment=segment,
            chosen=None if chosen is None else sorted({*chosen})[:MOST_CHOSEN],
            query=cleaned(query) if segment is None and chosen is None else "",
            label=segment.name[:200] if segment else "",
        )
        is_quick = made.chosen is not None or CustomerFact.objects.count() <= FEW
        if not is_quick:
            made.job = int(look_at.enqueue(made.pk).id)
            made.save(update_fields=["job"])
        _record(actor, "enrolment_asked", made, request, **_meant(made))
    return look(made.pk) if is_quick else made


def begin(*, actor: Person, pk: int, request: HttpRequest | None = None) -> Intake:
    """Put them in: a few at once, many by the worker. A second call changes nothing."""
    from kizuna.web.act.playbooks.tasks import take_in

    if not actor.may(Role.MEMBER):
        raise PermissionDenied
    with transaction.atomic():
        found = Intake.objects.select_for_update(of=("self",)).get(pk=pk)
        if found.begun_at is not None or found.looked_at is None:
            return found
        found.begun_at, found.job = timezone.now(), None
        many = found.found["asked"]
        if many > AT_ONCE:
            found.job = int(take_in.enqueue(found.pk).id)
        found.save(update_fields=["begun_at", "job"])
        _record(actor, "enrolment_begun", found, request, customers=many)
    if found.job is None:
        run(found.pk)
        found.refresh_from_db()
    return found


def run(pk: int) -> None:
    """Put in whoever is meant, in the order of their ids; begun again, go on."""
    found = Intake.objects.select_related("playbook", "by").get(pk=pk)
    if found.ended_at is not None:
        return
    left = [one for one in ids_of(found) if one > found.reached]
    total = max(found.done + len(left), 1)
    for part in batched(left, enrolling.A_PART):
        _put_in(found, part)
        words = gettext_noop("%(done)s of %(total)s customers")
        progress.report(min(found.done / total, 1.0), words, done=found.done, total=total)
    with transaction.atomic():
        found.ended_at, found.chosen, found.reached = timezone.now(), None, ""
        found.save(update_fields=["ended_at", "chosen", "reached"])
        counts = {"going": found.going, "held": found.held_out, "not_again": found.not_again}
        _record(found.by, "enrolled", found, None, **counts)


def _put_in(found: Intake, part: Sequence[str]) -> None:
    with transaction.atomic():
        reason = found.label or "by hand"
        entered = enrolling.enter(
            playbook=found.playbook, customer_ids=part, reason=reason, at=timezone.now()
        )
        found.going += entered.going
        found.held_out += entered.held_out
        found.not_again += entered.not_again
        found.reached, found.done = part[-1], found.done + len(part)
        found.save(update_fields=["going", "held_out", "not_again", "reached", "done"])


def ids_of(intake: Intake) -> list[str]:
    """Name whoever is meant, as it is now, each once, in a fixed order."""
    if intake.chosen is not None:
        return sorted(intake.chosen)
    if intake.label:  # of a segment that is gone nobody is meant
        return sorted(set(member_ids(intake.segment_id))) if intake.segment_id else []
    asked = FilterForm(QueryDict(intake.query)).asked
    return sorted(filtered(asked).values_list("pk", flat=True).iterator(10_000))


def look(pk: int) -> Intake:
    """Look at what would become of them, or of a part of many that is drawn by their numbers."""
    intake = Intake.objects.select_related("playbook__action", "playbook__live").get(pk=pk)
    everyone, at, playbook = ids_of(intake), timezone.now(), intake.playbook
    some = _part(everyone)
    fates = enrolling.foretell(playbook=playbook, customer_ids=some, at=at)
    going = sorted(one for one, fate in fates.items() if fate == "going")
    steps = plan_of(playbook.live.said).steps.values() if playbook.live else ()
    writes = [step for step in steps if step.do == "message"]
    intake.found = {
        "asked": len(everyone),
        "part": len(some),
        "fates": dict(Counter(fates.values())),
        "unreached": [row for step in writes if (row := _unreached(playbook, step, going, at))],
    }
    intake.looked_at = at
    intake.save(update_fields=["found", "looked_at"])
    return intake


def _part(everyone: Sequence[str]) -> list[str]:
    if len(everyone) <= LOOKED_AT:
        return list(everyone)
    return sorted(everyone, key=lambda one: hashlib.sha256(one.encode()).digest())[:LOOKED_AT]


def _unreached(
    playbook: Playbook, step: Step, going: Sequence[str], at: datetime
) -> dict[str, Any] | None:
    """Count by the reason whom a message would not reach; None where it would reach all."""
    template = template_of(str(step.values.get("template", "")))
    if template is None or not going:
        return None
    recipient = str(step.values.get("to") or "")
    asked: dict[str, Any] = {"action": playbook.action, "template": template, "at": at}
    try:
        found = stopped(**asked, customer_ids=going, recipient=recipient)
    except NotWrittenError:
        return None
    reasons = Counter(found.values())
    return {"template": template.name, "reasons": dict(reasons)} if found else None


def _meant(intake: Intake) -> dict[str, Any]:
    return {"segment": intake.label, "query": intake.query, "chosen": intake.chosen}


def _record(
    actor: Person, verb: str, found: Intake, request: HttpRequest | None, **said: Any
) -> None:
    audit(
        actor=actor,
        action=f"act.playbook.{verb}",
        target=str(found.playbook),
        after={"intake": found.pk, **said},
        request=request,
    )
