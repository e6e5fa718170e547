"""What people do with requests: each checks the permission, changes, and records."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import asdict
from datetime import date

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.jobs import anonymity, erasure
from kizuna.jobs.erasure import Erased
from kizuna.jobs.subjects import Subject
from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.secrecy import hide
from kizuna.web.accounts.services import audit, redaction
from kizuna.web.capture.inbox.place import open_inbox
from kizuna.web.capture.privacy import queries, records
from kizuna.web.capture.privacy.models import Kind, Request, Status
from kizuna.web.jobs.services import announce


class NotNow(Exception):  # noqa: N818  -- said to a person, no fault of the program
    """The request is decided already."""


class Busy(Exception):  # noqa: N818  -- another try helps
    """A refresh is under way."""


def month_after(day: date) -> date:
    """Give the same day of the next month, or its last: by then an answer is due."""
    year, month = day.year + day.month // 12, day.month % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def record(
    *,
    actor: Person,
    kind: str,
    customer_id: str,
    received_on: date,
    identity_check: str,
    request: HttpRequest | None = None,
) -> Request:
    """Enter what somebody asks, and how it was made sure that it is she who asks."""
    _must(actor)
    with transaction.atomic():
        made = Request.objects.create(
            kind=kind,
            hidden_subject=hide(customer_id),
            received_on=received_on,
            due_on=month_after(received_on),
            identity_check=identity_check,
            recorded_by=actor,
        )
        said = {"kind": kind, "received_on": received_on, "due_on": made.due_on}
        _audit(actor, "recorded", made, request, said)
    return made


def refuse(*, actor: Person, pk: int, reason: str, request: HttpRequest | None = None) -> Request:
    """Refuse what is asked, with the reason that she is told."""
    _must(actor)
    with transaction.atomic():
        found = _open(pk)
        found.status, found.refusal, found.decided_by = Status.REFUSED, reason, actor
        found.finished_at = timezone.now()
        found.save()
        _audit(actor, "refused", found, request, {"reason": reason})
    return found


def carry_out(*, actor: Person, pk: int, request: HttpRequest | None = None) -> Request:
    """Have a person erased; the worker does it."""
    from kizuna.web.capture.privacy import tasks

    _must(actor)
    with transaction.atomic():
        found = _open(pk)
        if not found.erases:
            raise NotNow
        found.status, found.decided_by = Status.RUNNING, actor
        found.save()
        tasks.erase.enqueue(pk=pk)
        _audit(actor, "decided", found, request, {})
    return found


def answered(*, actor: Person, pk: int, request: HttpRequest | None = None) -> Request:
    """Record that everything about a person was handed out."""
    _must(actor)
    with transaction.atomic():
        found = Request.objects.select_for_update().get(pk=pk, kind=Kind.ACCESS)
        if found.status == Status.OPEN:
            found.status, found.decided_by = Status.DONE, actor
            found.finished_at = timezone.now()
            found.save()
        _audit(actor, "exported", found, request, {})
    return found


def erase(*, pk: int) -> Request:
    """Erase whom a request is about; a run that broke off is finished by the next one."""
    found = Request.objects.get(pk=pk)
    if found.status != Status.RUNNING:
        return found
    done = _carried_out(found)
    with transaction.atomic():
        found.status, found.hidden_subject = Status.DONE, ""
        found.finished_at, found.report = timezone.now(), [asdict(one) for one in done]
        found.save()
        places = [one.place for one in done]
        audit(actor=None, action="privacy.erased", target=str(found), after={"places": places})
    scrub()
    return found


def _carried_out(found: Request) -> list[Erased]:
    subject = queries.subject_of(found)
    if found.kind == Kind.CONTACT:
        return erase_contact(subject)
    return erase_customers([subject], keep_orders=found.kind == Kind.ANONYMITY)


def erase_contact(said: str) -> list[Erased]:
    """Erase one contact of a company, known by her address or number; the company stays.

    Raises
    ------
    Busy
        While a refresh runs: it would write again what it has read before.

    """
    wait_for_refresh()
    who = queries.contact(said)
    gone = records.erase_contacts(who)
    # the company may bear the address too, and is not to be taken for somebody who came back
    done = _everywhere(who, gone, bury=False)
    publish_what_is_left()
    return done


def keep_erased() -> int:
    """Erase again whoever was erased and is back, by a file or by a backup; give how many."""
    back = erasure.returned(queries.store())
    if back:
        erase_customers(back)
        with transaction.atomic():
            said = {"customers": len(back)}
            audit(actor=None, action="privacy.erased_again", target="customers", after=said)
        scrub()
    return len(back)


def scrub() -> None:
    """Leave no byte of what was deleted in the files of the databases."""
    records.scrub()
    inbox = open_inbox()
    try:
        inbox.scrub()
    finally:
        inbox.close()


def erase_customers(customer_ids: list[str], *, keep_orders: bool = False) -> list[Erased]:
    """Erase customers everywhere: files, records and audit log too; say where they were.

    With `keep_orders` their orders still count, under keys of nobody.

    Raises
    ------
    Busy
        While a refresh runs: it would write again what it has read before.

    """
    wait_for_refresh()
    done: list[Erased] = []
    for customer_id in customer_ids:
        who = queries.who(customer_id)
        kept = anonymity.detach(queries.store(), who) if keep_orders else []
        done += _everywhere(who, kept)
    erasure.sweep(queries.home())
    publish_what_is_left()
    return done


def _everywhere(who: Subject, done: list[Erased], *, bury: bool = True) -> list[Erased]:
    done += erasure.erase(queries.store(), who, at=timezone.now(), bury=bury)
    # files of imports, and the columns of the list, which the next publication writes anew
    for folder in ("uploads", "lists"):
        done += erasure.erase_files(queries.home() / folder, who)
    done += records.erase(who)
    entries = redaction.redact(ids=who.ids, texts=who.distinct, patterns=who.numbers)
    done += [Erased("database/accounts_auditentry", redacted=entries)] if entries else []
    return done


def wait_for_refresh() -> None:
    """Let a refresh end first: the job is tried again later."""
    if apps.get_model("publications", "Publication")._default_manager.filter(status="running"):
        raise Busy


def publish_what_is_left() -> None:
    """Let pages read the tables as they are now, for former versions are gone; then refresh."""
    tables = queries.store()
    kept = {name: tables.versions(name) for name in tables.names()}
    for one in apps.get_model("publications", "Publication")._default_manager.all():
        for pinned in (one.versions, one.read_versions):
            for name in pinned.keys() & kept.keys():
                if pinned[name] < kept[name][0].number:
                    pinned[name] = kept[name][-1].number
        one.save(update_fields=["versions", "read_versions"])
    announce("transactions_changed")


def _open(pk: int) -> Request:
    found = Request.objects.select_for_update().get(pk=pk)
    if found.status != Status.OPEN:
        raise NotNow
    return found


def _must(actor: Person) -> None:
    if not actor.may(Role.MANAGER):
        raise PermissionDenied


def _audit(
    actor: Person, verb: str, found: Request, request: HttpRequest | None, said: dict[str, object]
) -> None:
    audit(
        actor=actor,
        action=f"privacy.request.{verb}",
        target=str(found),
        after=said,
        request=request,
    )
