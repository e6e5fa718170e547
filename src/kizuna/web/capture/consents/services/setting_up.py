"""What managers lay down: purposes, topics, wordings, and who the sender is."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.http import HttpRequest
from django.utils import timezone

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.capture.consents import queries
from kizuna.web.capture.consents.links import preferences_path
from kizuna.web.capture.consents.models import Purpose, Sender, Topic, Wording

OF_PURPOSE = ("name_en", "name_ja", "kind", "channels", "order")
OF_SENDER = ("legal_name", "postal_address", "contact", "site", "mailbox")


def add_purpose(
    *, actor: Person, said: dict[str, Any], request: HttpRequest | None = None
) -> Purpose:
    """Add a purpose; its code is for ever, for words refer to it."""
    must(actor)
    with transaction.atomic():
        made = Purpose.objects.create(code=said["code"], **{n: said[n] for n in OF_PURPOSE})
        _record(actor, "purpose.added", str(made), request, after=said)
    return made


def change_purpose(
    *, actor: Person, pk: int, said: dict[str, Any], request: HttpRequest | None = None
) -> Purpose:
    """Change a purpose."""
    must(actor)
    with transaction.atomic():
        found = Purpose.objects.select_for_update().get(pk=pk)
        before = {n: getattr(found, n) for n in OF_PURPOSE}
        after = {n: said[n] for n in OF_PURPOSE}
        for name, value in after.items():
            setattr(found, name, value)
        found.save()
        _record(actor, "purpose.changed", str(found), request, before=before, after=after)
    return found


def retire_purpose(
    *, actor: Person, pk: int, retired: bool, request: HttpRequest | None = None
) -> None:
    """Send for a purpose no more, or again; what was said stays."""
    must(actor)
    with transaction.atomic():
        found = Purpose.objects.select_for_update().get(pk=pk)
        found.retired_at = timezone.now() if retired else None
        found.save(update_fields=["retired_at"])
        _record(actor, "purpose.retired" if retired else "purpose.used_again", str(found), request)


def add_topic(
    *, actor: Person, pk: int, said: dict[str, Any], request: HttpRequest | None = None
) -> Topic:
    """Add a topic to a purpose."""
    must(actor)
    with transaction.atomic():
        made = Topic.objects.create(purpose_id=pk, **said)
        _record(actor, "topic.added", str(made.purpose), request, after=said)
    return made


def retire_topic(
    *, actor: Person, pk: int, retired: bool, request: HttpRequest | None = None
) -> Topic:
    """Offer a topic no more, or again."""
    must(actor)
    with transaction.atomic():
        found = Topic.objects.select_for_update().select_related("purpose").get(pk=pk)
        found.retired_at = timezone.now() if retired else None
        found.save(update_fields=["retired_at"])
        verb = "topic.retired" if retired else "topic.used_again"
        _record(actor, verb, str(found.purpose), request, after={"topic": found.code})
    return found


def add_wording(
    *, actor: Person, pk: int, said: dict[str, Any], request: HttpRequest | None = None
) -> Wording:
    """Give a purpose a new version of its words; former ones stay, for answers refer to them."""
    must(actor)
    with transaction.atomic():
        purpose = Purpose.objects.select_for_update().get(pk=pk)
        last = purpose.wordings.aggregate(last=Max("version"))["last"] or 0
        made = Wording(purpose=purpose, version=last + 1, made_by=actor, **said)
        made.save()
        after = {**said, "version": made.version}
        _record(actor, "wording.added", str(purpose), request, after=after)
    return made


def save_sender(
    *, actor: Person, said: dict[str, Any], request: HttpRequest | None = None
) -> Sender:
    """Say who writes."""
    must(actor)
    with transaction.atomic():
        found, _made = Sender.objects.select_for_update().get_or_create(pk=Sender.THE_ONE)
        before = {n: getattr(found, n) for n in OF_SENDER}
        for name in OF_SENDER:
            setattr(found, name, said[name])
        found.save()
        _record(actor, "sender.changed", "sender", request, before=before, after=said)
    return found


def make_link(*, actor: Person, customer_id: str, request: HttpRequest) -> str:
    """Make the link of a customer's preference page, to be sent to the customer alone."""
    if not actor.may(Role.MEMBER):
        raise PermissionDenied
    path = preferences_path(customer_id)
    with transaction.atomic():
        _record(actor, "link_made", f"customer {customer_id}", request)
    site = queries.sender().site
    return site.rstrip("/") + path if site else request.build_absolute_uri(path)


def exported(
    *, actor: Person, customer_id: str, shape: str, request: HttpRequest | None = None
) -> None:
    """Record that proofs were handed out."""
    if not actor.may(Role.MEMBER if customer_id else Role.MANAGER):
        raise PermissionDenied
    with transaction.atomic():
        target = f"customer {customer_id}" if customer_id else "all customers"
        _record(actor, "exported", target, request, after={"format": shape})


def must(actor: Person) -> None:
    """Refuse whoever is no manager."""
    if not actor.may(Role.MANAGER):
        raise PermissionDenied


def _record(
    actor: Person, verb: str, target: str, request: HttpRequest | None, **said: Any
) -> None:
    audit(actor=actor, action=f"capture.consents.{verb}", target=target, request=request, **said)
