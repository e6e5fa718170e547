"""The second factor: codes of an authenticator app, and codes on paper for the day it is lost."""

from __future__ import annotations

import hashlib
import secrets

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from kizuna.web.accounts import totp
from kizuna.web.accounts.models import Person, RecoveryCode, SecondFactor
from kizuna.web.accounts.secrecy import hide, reveal
from kizuna.web.accounts.services.attempts import confirm
from kizuna.web.accounts.services.trail import audit

SECRET = "totp"
CODES = 10


class WrongCodeError(ValueError):
    """Raised when the code does not fit."""


def is_on(person: Person) -> bool:
    """Whether a code is asked for when the person signs in."""
    return SecondFactor.objects.filter(person=person).exists()


def begin(*, request: HttpRequest, person: Person) -> tuple[str, str]:
    """Give the secret to be confirmed, and its picture; the same until it is confirmed."""
    if SECRET not in request.session:
        request.session[SECRET] = hide(totp.new_secret())
    secret = reveal(request.session[SECRET])
    link = totp.address(secret, account=person.email, issuer=settings.SITE_NAME)
    return secret, totp.picture(link)


def switch_on(*, request: HttpRequest, person: Person, code: str) -> list[str]:
    """Confirm with a first code that the app was set up; give the recovery codes."""
    hidden = request.session.get(SECRET, "")
    step = _step(hidden, code) if hidden else None
    if step is None or is_on(person):
        raise WrongCodeError
    with transaction.atomic():
        SecondFactor.objects.create(person=person, secret=hidden, last_step=step)
        codes = _new_codes(person)
        del request.session[SECRET]
        _record(request, person, "accounts.second_factor.on")
    return codes


def renew_recovery_codes(*, request: HttpRequest, person: Person, password: str) -> list[str]:
    """Replace the recovery codes, used or not."""
    confirm(request=request, person=person, password=password)
    with transaction.atomic():
        codes = _new_codes(person)
        _record(request, person, "accounts.second_factor.codes_renewed")
    return codes


def switch_off(*, request: HttpRequest, person: Person, password: str) -> None:
    """Ask for no code any more."""
    confirm(request=request, person=person, password=password)
    with transaction.atomic():
        SecondFactor.objects.filter(person=person).delete()
        RecoveryCode.objects.filter(person=person).delete()
        _record(request, person, "accounts.second_factor.off")


def check(*, person: Person, code: str) -> bool:
    """Whether a code of the app, or an unused recovery code, fits; each is good for one time."""
    code = code.replace(" ", "").replace("-", "").lower()
    factor = SecondFactor.objects.filter(person=person).first()
    step = _step(factor.secret, code) if factor else None
    if step is not None:
        # the database lets one of two who bring the same code through
        later = SecondFactor.objects.filter(person=person, last_step__lt=step)
        return later.update(last_step=step) == 1
    paper = RecoveryCode.objects.filter(person=person, digest=_digest(person, code), used_at=None)
    return paper.update(used_at=timezone.now()) == 1


def _step(hidden: str, code: str) -> int | None:
    code = code.replace(" ", "")
    return totp.matching_step(reveal(hidden), code, timezone.now().timestamp())


def _new_codes(person: Person) -> list[str]:
    RecoveryCode.objects.filter(person=person).delete()
    codes = [secrets.token_hex(5) for _ in range(CODES)]
    rows = (RecoveryCode(person=person, digest=_digest(person, code)) for code in codes)
    RecoveryCode.objects.bulk_create(rows)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def _digest(person: Person, code: str) -> str:
    # ten random hexadecimal digits, tried ten times in a quarter of an hour at most
    return hashlib.sha256(f"{person.pk}:{code}".encode()).hexdigest()


def _record(request: HttpRequest, person: Person, action: str) -> None:
    audit(actor=person, action=action, target=str(person.pk), request=request)
