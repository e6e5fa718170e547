"""How often one may try to sign in: counted in the database, by address and by origin."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from kizuna.web.accounts.models import Person, SignInAttempt
from kizuna.web.accounts.origin import Origin, origin_of

WINDOW = timedelta(minutes=15)
KEPT = timedelta(days=1)
OF_ACCOUNT = 10
OF_ORIGIN = 50


class TooManyAttemptsError(Exception):
    """Raised when the next try has to wait."""


class WrongPasswordError(Exception):
    """Raised when the password asked for once more does not fit."""


def count_attempt(*, account: str, origin: Origin) -> None:
    """Count a try before it is answered, so that parallel guesses do not outrun the count."""
    limits = {_subject("account", account): OF_ACCOUNT}
    if origin.address:
        limits[_subject("origin", origin.address)] = OF_ORIGIN
    with transaction.atomic():
        SignInAttempt.objects.filter(at__lt=timezone.now() - KEPT).delete()
        SignInAttempt.objects.bulk_create(SignInAttempt(subject=subject) for subject in limits)
    since = timezone.now() - WINDOW
    for subject, limit in limits.items():
        if SignInAttempt.objects.filter(subject=subject, at__gte=since).count() > limit:
            raise TooManyAttemptsError


def forget_attempts(*, account: str) -> None:
    """Forget the tries of an account after one that succeeded."""
    SignInAttempt.objects.filter(subject=_subject("account", account)).delete()


def confirm(*, request: HttpRequest, person: Person, password: str) -> None:
    """Check the password once more, before something grave."""
    count_attempt(account=person.email, origin=origin_of(request))
    if not person.check_password(password):
        raise WrongPasswordError
    forget_attempts(account=person.email)


def _subject(kind: str, value: str) -> str:
    return salted_hmac(f"kizuna.attempt.{kind}", value, algorithm="sha256").hexdigest()
