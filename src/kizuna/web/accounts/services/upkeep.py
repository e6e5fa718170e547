"""What nobody needs any more of signing in."""

from __future__ import annotations

from datetime import datetime

from kizuna.web.accounts.models import Session, SignInAttempt
from kizuna.web.accounts.services.attempts import KEPT

AT_ONCE = 500


def clear_expired(*, now: datetime) -> int:
    """Delete sessions that have ended and tries that count no more; give the number."""
    SignInAttempt.objects.filter(at__lt=now - KEPT).delete()
    ended, gone = Session.objects.filter(expire_date__lt=now), 0
    # a little at a time, so that nobody who signs in meanwhile has to wait
    while keys := list(ended.values_list("pk", flat=True)[:AT_ONCE]):
        gone += Session.objects.filter(pk__in=keys, expire_date__lt=now).delete()[0]
    return gone
