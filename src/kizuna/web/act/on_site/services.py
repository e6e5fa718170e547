"""What people do with messages on the site; the action behind each is its experiment."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.secrecy import hide
from kizuna.web.accounts.services import audit
from kizuna.web.act.actions import services as actions
from kizuna.web.act.actions.models import Kind, State
from kizuna.web.act.on_site.models import Message, Secret

OF_MESSAGE = (
    *("look", "trigger", "after", "pages", "audience", "segment", "survey", "link"),
    *("title_ja", "title_en", "body_ja", "body_en", "button_ja", "button_en"),
    *("from_on", "until_on", "times", "days"),
)
OF_ACTION = ("name", "purpose", "cost_per_unit", "worth")
STEPS = {
    "go_live": actions.go_live,
    "pause": actions.pause,
    "resume": actions.resume,
    "conclude": actions.conclude,
}
NEXT = {
    State.DRAFT: ("go_live",),
    State.DRY_RUN: ("go_live",),
    State.LIVE: ("pause", "conclude"),
    State.PAUSED: ("resume", "conclude"),
    State.CONCLUDED: (),
}


class AlreadyChangedError(Exception):
    """Raised where somebody has changed it since it was read; nothing is written."""


def draft(*, actor: Person, said: Mapping[str, Any], request: HttpRequest | None = None) -> Message:
    """Write a message down; nobody sees it before it goes live."""
    _must(actor)
    with transaction.atomic():
        action = actions.draft(
            actor=actor, kind=Kind.ON_SITE, holdout=said["holdout"], request=request,
            **_of(said, OF_ACTION),
        )  # fmt: skip
        made = Message.objects.create(action=action, **_of(said, OF_MESSAGE))
        _record(actor, "drafted", made, request, after=_kept(made))
    return made


def change(
    *,
    actor: Person,
    message: Message,
    said: Mapping[str, Any],
    edition: int | None = None,
    request: HttpRequest | None = None,
) -> Message:
    """Change a message, also one that is live; who saw it before saw other words."""
    _must(actor)
    with transaction.atomic():
        found = Message.objects.select_for_update(of=("self",)).select_related("action").get(
            pk=message.pk
        )  # fmt: skip
        if edition is not None and edition != found.edition:
            raise AlreadyChangedError
        before = _kept(found)
        actions.change(actor=actor, action=found.action, request=request, **_of(said, OF_ACTION))
        if found.action.holdout != said["holdout"]:
            actions.set_holdout(
                actor=actor, action=found.action, holdout=said["holdout"], request=request
            )
        for name, value in _of(said, OF_MESSAGE).items():
            setattr(found, name, value)
        found.edition += 1
        found.save()
        _record(actor, "changed", found, request, before=before, after=_kept(found))
    return found


def decide(
    *, actor: Person, message: Message, step: str, request: HttpRequest | None = None
) -> None:
    """Let it go live, pause it, go on, end it."""
    STEPS[step](actor=actor, action=message.action, request=request)


def make_secret(*, actor: Person, request: HttpRequest | None = None) -> str:
    """Make what the site's server signs customers' numbers with; the former one ends."""
    _must(actor)
    text = secrets.token_hex(32)
    with transaction.atomic():
        values = {"sealed": hide(text), "made_at": timezone.now()}
        Secret.objects.update_or_create(pk=Secret.THE_ONE, defaults=values)
        audit(
            actor=actor, action="act.on_site.secret_made", target="secret of the site",
            request=request,
        )  # fmt: skip
    return text


def _of(said: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: said[name] for name in names if name in said}


def _kept(found: Message) -> dict[str, Any]:
    said = {n: getattr(found, n) for n in OF_MESSAGE if n not in ("segment", "survey")}
    said |= {"segment": found.segment_id, "survey": found.survey_id, "name": found.action.name}
    return {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in said.items()}


def _must(actor: Person) -> None:
    if not actor.may(Role.MANAGER):
        raise PermissionDenied


def _record(
    actor: Person, verb: str, found: Message, request: HttpRequest | None, **said: Any
) -> None:
    audit(actor=actor, action=f"act.on_site.{verb}", target=str(found), request=request, **said)
