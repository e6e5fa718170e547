"""What a person changes about themselves, and where they are signed in."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth import logout, update_session_auth_hash
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from kizuna.web.accounts.models import Person, Session
from kizuna.web.accounts.queries import handle_of
from kizuna.web.accounts.services.attempts import confirm
from kizuna.web.accounts.services.trail import audit


def save_profile(
    *,
    actor: Person,
    name: str,
    language: str,
    timezone: str,
    request: HttpRequest | None = None,
) -> None:
    """Change the name, the language and the time zone."""
    after = {"name": name, "language": language, "timezone": timezone}
    before = {field: getattr(actor, field) for field in after}
    if before == after:
        return
    with transaction.atomic():
        actor.name, actor.language, actor.timezone = name, language, timezone
        actor.save(update_fields=list(after))
        _record(actor, "accounts.profile.changed", request, before, after)


def change_password(*, request: HttpRequest, actor: Person, password: str, new: str) -> None:
    """Set a new password; every other session of the person ends."""
    confirm(request=request, person=actor, password=password)
    with transaction.atomic():
        actor.set_password(new)
        actor.save(update_fields=["password"])
        update_session_auth_hash(request, actor)
        _others(request, actor).delete()
        _record(actor, "accounts.password.changed", request)


def end_session(*, request: HttpRequest, actor: Person, handle: str) -> None:
    """Sign out one other browser of the actor's own."""
    keys = _others(request, actor).values_list("session_key", flat=True)
    chosen = [key for key in keys if handle_of(key) == handle]
    with transaction.atomic():
        if Session.objects.filter(session_key__in=chosen).delete()[0]:
            _record(actor, "accounts.session.ended", request)


def end_other_sessions(*, request: HttpRequest, actor: Person) -> None:
    """Sign out everywhere but here."""
    with transaction.atomic():
        ended, _by_table = _others(request, actor).delete()
        _record(actor, "accounts.sessions.others_ended", request, after={"ended": ended})


def end_all_sessions(*, request: HttpRequest, actor: Person) -> None:
    """Sign out everywhere, here too."""
    with transaction.atomic():
        ended, _by_table = Session.objects.filter(person=actor).delete()
        logout(request)
        _record(actor, "accounts.sessions.all_ended", request, after={"ended": ended})


def _others(request: HttpRequest, actor: Person) -> QuerySet[Session]:
    here = request.session.session_key or ""
    return Session.objects.filter(person=actor).exclude(session_key=here)


def _record(
    actor: Person,
    action: str,
    request: HttpRequest | None,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    audit(
        actor=actor,
        action=action,
        target=str(actor.pk),
        before=before,
        after=after,
        request=request,
    )
