"""A new password for who forgot it: a signed link, by mail or from a manager, once, for a day."""

from __future__ import annotations

from urllib.parse import urljoin

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import PermissionDenied
from django.core.mail import send_mail
from django.db import transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import base36_to_int, int_to_base36
from django.utils.translation import gettext, override

from kizuna.web.accounts.models import Person, Session
from kizuna.web.accounts.origin import origin_of
from kizuna.web.accounts.queries import organisation
from kizuna.web.accounts.services.attempts import count_attempt, forget_attempts
from kizuna.web.accounts.services.people import person_under
from kizuna.web.accounts.services.trail import audit


class Links(PasswordResetTokenGenerator):
    """Signs who, which password and when: a link dies with the password that it replaces."""

    key_salt = "kizuna.password"


class NoLinkError(Exception):
    """Raised for a link that is forged, used or too old."""


def ask(*, request: HttpRequest, email: str) -> None:
    """Send a link to whoever has this address; the answer is the same if nobody has."""
    from kizuna.web.accounts.tasks import send_password_link

    email = email.strip().lower()
    count_attempt(account=f"forgotten {email}", origin=origin_of(request))
    person = Person.objects.filter(email=email, is_active=True).first()
    if person is None or not settings.SMTP_HOST:
        return
    with transaction.atomic():
        send_password_link.enqueue(person.pk, request.build_absolute_uri("/"))
        audit(
            actor=person,
            action="accounts.password.link_asked",
            target=str(person.pk),
            request=request,
        )


def send(*, person_id: int, base: str) -> None:
    """Write the mail, in the language of the person."""
    person = Person.objects.get(pk=person_id, is_active=True)
    said = {"person": person, "link": urljoin(base, path_of(person)), "who": organisation().name}
    with override(person.language):
        subject = gettext("A new password for Kizuna")
        send_mail(subject, render_to_string("accounts/reset_mail.txt", said), None, [person.email])


def make_link(*, actor: Person, person_id: int, request: HttpRequest) -> tuple[Person, str]:
    """Make a link for someone no higher than the actor, to be handed over in person."""
    with transaction.atomic():
        person = person_under(actor, person_id)
        if not person.is_active:
            raise PermissionDenied
        audit(
            actor=actor,
            action="accounts.password.link_made",
            target=str(person.pk),
            request=request,
        )
    return person, request.build_absolute_uri(path_of(person))


def path_of(person: Person) -> str:
    """Give the path that a link carries."""
    key, token = int_to_base36(person.pk), Links().make_token(person)
    return reverse("accounts:new_password", args=[key, token])


def person_of_link(*, key: str, token: str, lock: bool = False) -> Person:
    """Give whose link it is, while it can be used."""
    people = Person.objects.select_for_update() if lock else Person.objects
    try:
        person = people.filter(pk=base36_to_int(key), is_active=True).first()
    except (ValueError, OverflowError) as error:
        raise NoLinkError from error
    if person is None or not Links().check_token(person, token):
        raise NoLinkError
    return person


def set_password(*, request: HttpRequest, key: str, token: str, password: str) -> Person:
    """Set the password by a link; every session of the person ends, and the link with them."""
    with transaction.atomic():
        person = person_of_link(key=key, token=token, lock=True)
        person.set_password(password)
        person.save(update_fields=["password"])
        Session.objects.filter(person=person).delete()
        forget_attempts(account=person.email)
        audit(
            actor=person, action="accounts.password.reset", target=str(person.pk), request=request
        )
    return person
