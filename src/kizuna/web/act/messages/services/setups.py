"""Say how a channel is reached, and under which name a customer is known on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.secrecy import hide
from kizuna.web.accounts.services import audit
from kizuna.web.act.messages.models import Handle, Setup


def save(
    *, actor: Person, channel: str, url: str, secret: str = "", request: HttpRequest | None = None
) -> Setup:
    """Say where a channel is reached; a secret that is left empty stays what it was."""
    from kizuna.web.act.messages.tasks import send

    if not actor.may(Role.MANAGER):
        raise PermissionDenied
    now = timezone.now()
    with transaction.atomic():
        found, _made = Setup.objects.get_or_create(channel=channel, defaults={"changed_at": now})
        before = {"url": found.url}
        found.url, found.changed_at, found.changed_by = url, now, actor
        found.hidden_secret = hide(secret) if secret else found.hidden_secret
        found.paused_until, found.trouble, found.silences = None, "", 0
        found.save()
        audit(
            actor=actor, action="act.channel.saved", target=str(found), before=before,
            after={"url": url, "secret": "changed" if secret else "kept"}, request=request,
        )  # fmt: skip
        send.enqueue()
    return found


def name_handles(
    *, actor: Person, channel: str, handles: Mapping[str, str], at: datetime,
    request: HttpRequest | None = None,
) -> int:  # fmt: skip
    """Note under which names customers are known on a channel; an empty one is forgotten."""
    if not actor.may(Role.MEMBER):
        raise PermissionDenied
    with transaction.atomic():
        for customer_id, value in handles.items():
            mine = Handle.objects.filter(channel=channel)
            mine.filter(customer_id=customer_id).delete()
            mine.filter(value=value).delete()
            if value:
                Handle.objects.create(
                    customer_id=customer_id, channel=channel, value=value, set_at=at
                )
        audit(
            actor=actor, action="act.handles.named", target=f"channel {channel}",
            after={"customers": len(handles)}, request=request,
        )  # fmt: skip
    return len(handles)
