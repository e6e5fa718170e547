"""Writes: views that are kept, and bulk actions; each checks, changes and records."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.know.lists.models import BulkAction, Deed, SavedView
from kizuna.web.know.profiles.models import Tag
from kizuna.web.know.profiles.services.tags import tag_named

MOST_AT_ONCE = 500
"""Customers that may be ticked for one action."""
NOT_KEPT = ("page", "csrfmiddlewaretoken", "id", "name", "shared", "deed", "tag_name", "owner_id")


def save_view(
    *,
    actor: Person,
    name: str,
    query: str,
    shared: bool = False,
    request: HttpRequest | None = None,
) -> SavedView:
    """Keep filters, columns and order under a name; a name of one's own is written over."""
    if shared and not actor.may(Role.MEMBER):
        raise PermissionDenied
    kept = {"query": cleaned(query), "shared": shared, "saved_at": timezone.now()}
    with transaction.atomic():
        view, _made = SavedView.objects.update_or_create(person=actor, name=name, defaults=kept)
        after = {"name": name, "query": view.query, "shared": shared}
        audit(
            actor=actor,
            action="know.view.saved",
            target=f"view {view.pk}",
            after=after,
            request=request,
        )
    return view


def delete_view(*, actor: Person, pk: int, request: HttpRequest | None = None) -> None:
    """Let a view go: one's own, or, for a manager, any that is shared."""
    with transaction.atomic():
        view = SavedView.objects.filter(pk=pk).first()
        if view is None or not may_delete(actor, view):
            raise PermissionDenied
        before = {"name": view.name, "query": view.query, "shared": view.shared}
        audit(
            actor=actor,
            action="know.view.deleted",
            target=f"view {pk}",
            before=before,
            request=request,
        )
        view.delete()


def may_delete(actor: Person, view: SavedView) -> bool:
    """Whether a person may let a view go."""
    return view.person_id == actor.pk or (view.shared and actor.may(Role.MANAGER))


def bulk(
    *,
    actor: Person,
    deed: Deed,
    query: str,
    chosen: Sequence[str] | None,
    tag_name: str = "",
    owner: Person | None = None,
    request: HttpRequest | None = None,
) -> BulkAction:
    """Have something done to the customers that were ticked, or to all that a query finds."""
    from kizuna.web.know.lists.tasks import run_bulk

    if not actor.may(Role.MEMBER):
        raise PermissionDenied
    with transaction.atomic():
        action = BulkAction.objects.create(
            actor=actor,
            deed=deed,
            query=cleaned(query),
            chosen=None if chosen is None else list(chosen)[:MOST_AT_ONCE],
            tag=_tag(deed, tag_name),
            owner=owner if deed == Deed.OWNER else None,
        )
        action.job = int(run_bulk.enqueue(pk=action.pk).id)
        action.save(update_fields=["job"])
        _record(action, "asked", request)
    return action


def cleaned(query: str) -> str:
    """Give a query without its page, and without what forms add."""
    known = QueryDict(query, mutable=True)
    for name in NOT_KEPT:
        known.pop(name, None)
    return "&".join(part for part in known.urlencode().split("&") if not part.endswith("="))


def finish(*, action: BulkAction) -> None:
    """Record that all of a bulk action is done."""
    with transaction.atomic():
        action.finished_at = timezone.now()
        action.save(update_fields=["finished_at"])
        _record(action, "done", None)


def _tag(deed: Deed, name: str) -> Tag | None:
    return tag_named(name) if deed in (Deed.TAG, Deed.UNTAG) else None


def _record(action: BulkAction, verb: str, request: HttpRequest | None) -> None:
    after = {
        "deed": action.deed,
        "tag": action.tag.name if action.tag else None,
        "owner": action.owner.email if action.owner else None,
        "query": action.query,
        "chosen": action.chosen,
        "done": action.done,
    }
    audit(
        actor=action.actor if verb == "asked" else None,
        action=f"know.bulk.{verb}",
        target=str(action),
        after=after,
        request=request,
    )
