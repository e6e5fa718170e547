"""A yes that is confirmed by a link in a mail: asked, sent by the worker, confirmed by a button.

Programs that open links, as gateways of mail do, confirm nothing: only pressing the button does.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urljoin

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.mail import send_mail
from django.db import transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.capture.consents import queries
from kizuna.web.capture.consents.links import NoLinkError
from kizuna.web.capture.consents.models import Consent, OptIn, Source, Status
from kizuna.web.capture.consents.services.choosing import NOES, evidence
from kizuna.web.capture.consents.services.recording import Known, RefusedError, Said, entered

GOOD_FOR = timedelta(days=7)
A_DAY = timedelta(days=1)
MAILS_A_DAY = 3
"""So many mails an address is sent in a day, whoever asks for them."""


class TooManyError(Exception):
    """Raised where an address was asked often enough."""


class NoMailError(Exception):
    """Raised where no server for mail, or no public address of ours, is set."""


def ask(
    *, actor: Person, said: Said, email: str, language: str, send: bool = True,
    request: HttpRequest | None = None,
) -> OptIn:  # fmt: skip
    """Ask a customer to confirm; the worker sends the mail, or the caller does.

    Raises
    ------
    RefusedError
        When the yes would be none that can be recorded.
    TooManyError, NoMailError
        When no mail is sent.

    """
    from kizuna.web.capture.consents import tasks

    _must(actor)
    if send and not (settings.SMTP_HOST and queries.sender().site):
        raise NoMailError
    with transaction.atomic():
        made = _made(said, email.strip(), language)
        if send:
            tasks.send_confirmation.enqueue(pk=made.pk)
        target = f"customer {made.customer_id}"
        audit(actor=actor, action="capture.consent.asked", target=target, request=request)
    return made


def send(*, pk: int) -> None:
    """Write the mail, in the customer's language, once."""
    found = OptIn.objects.select_related("purpose", "topic", "wording").filter(pk=pk).first()
    if found is None or found.sent_at or found.confirmed_at:
        return
    with override(found.language):
        said = {"asked": found, "who": queries.sender(), "link": url_of(found)}
        text = render_to_string("consents/confirm_mail.txt", said)
        send_mail(gettext("Please confirm your subscription"), text, None, [found.email])
    OptIn.objects.filter(pk=pk).update(sent_at=timezone.now())


def waiting(secret: str) -> OptIn:
    """Give what a link confirms.

    Raises
    ------
    NoLinkError
        When there is nothing to confirm, or not any more.

    """
    found = OptIn.objects.select_related("purpose", "topic", "wording").filter(secret=secret)
    asked = found.first()
    if asked is None or (not asked.confirmed_at and _is_over(asked)):
        raise NoLinkError
    return asked


def confirm(*, secret: str, request: HttpRequest) -> OptIn:
    """Record the yes, once however often the button is pressed."""
    with transaction.atomic():
        asked = waiting(secret)
        locked = OptIn.objects.select_for_update().get(pk=asked.pk)
        if not locked.confirmed_at:
            made = _granted(asked, request)
            OptIn.objects.filter(pk=asked.pk).update(confirmed_at=made.decided_at)
            entered(made, None, request)
    return asked


def path_of(asked: OptIn) -> str:
    """Give the path that the mail carries."""
    return reverse("confirm", args=[asked.secret])


def url_of(asked: OptIn) -> str:
    """Give the address that the mail carries."""
    return urljoin(queries.sender().site, path_of(asked))


def _made(said: Said, email: str, language: str) -> OptIn:
    now = timezone.now()
    granted = Known().consent(said, Source.OPT_IN, None, now)
    if queries.is_erased(said.customer_id):
        raise RefusedError("erased")
    lately = OptIn.objects.filter(email__iexact=email, asked_at__gt=now - A_DAY)
    if lately.count() >= MAILS_A_DAY:
        raise TooManyError
    assert granted.purpose is not None  # a yes has one
    return OptIn.objects.create(
        customer_id=granted.customer_id, email=email, purpose=granted.purpose,
        channel=granted.channel, topic=granted.topic, wording=granted.wording, language=language,
        proof=granted.proof, asked_at=now, expires_at=now + GOOD_FOR,
    )  # fmt: skip


def _is_over(asked: OptIn) -> bool:
    """A link dies after a week, and with any no that was said after it was asked for."""
    if asked.expires_at <= timezone.now() or queries.is_erased(asked.customer_id):
        return True
    noes = queries.words(asked.customer_id).filter(
        status__in=NOES, decided_at__gt=asked.asked_at, channel__in=["", asked.channel]
    )
    about = {None, asked.purpose_id}
    return any(no.purpose_id in about and no.topic_id in (None, asked.topic_id) for no in noes)


def _granted(asked: OptIn, request: HttpRequest) -> Consent:
    now = timezone.now()
    proof = {
        **asked.proof, **evidence(request), "mailed_to": asked.email,
        "asked_at": asked.asked_at.isoformat(), "confirmed_at": now.isoformat(),
    }  # fmt: skip
    made = Consent(
        customer_id=asked.customer_id, purpose=asked.purpose, channel=asked.channel,
        topic=asked.topic, status=Status.GRANTED, source=Source.OPT_IN, wording=asked.wording,
        decided_at=now, recorded_at=now, proof=proof,
    )  # fmt: skip
    made.save()
    return made


def _must(actor: Person) -> None:
    if not actor.may(Role.MEMBER):
        raise PermissionDenied
