"""The channels behind one protocol: mail, LINE, SMS, webhook."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import mailers

from kizuna.web.accounts.secrecy import reveal
from kizuna.web.act.messages.channels.calls import Line, Sms, Webhook
from kizuna.web.act.messages.channels.mail import MAILER, Mail
from kizuna.web.act.messages.channels.protocol import Carrier, Fate, Letter, Outcome
from kizuna.web.act.messages.models import Channel, Setup

SMTP = ("django.core.mail.backends.smtp", "kizuna.web.act.messages.channels.smtp")

__all__ = ["Carrier", "Fate", "Letter", "Outcome", "carrier_of", "is_ready", "is_safe"]


def carrier_of(channel: str) -> Carrier | None:
    """Open a channel; None: nobody has said how it is reached."""
    if channel == Channel.EMAIL:
        return Mail() if _has_mail() else None
    found = Setup.objects.filter(channel=channel).first()
    return _of_setup(found) if found else None


def is_ready(channel: str) -> bool:
    """Tell whether it is known how a channel is reached."""
    return carrier_of(channel) is not None


def is_safe(channel: str) -> bool:
    """Tell whether the other side takes a message once, however often it is handed over."""
    return channel in (Channel.LINE, Channel.WEBHOOK)


def _has_mail() -> bool:
    named = mailers.settings[MAILER if MAILER in mailers else "default"]
    return bool(settings.SMTP_HOST) or not str(named.get("BACKEND", SMTP[0])).startswith(SMTP)


def _of_setup(found: Setup) -> Carrier | None:
    secret = reveal(found.hidden_secret) if found.hidden_secret else ""
    if found.channel == Channel.LINE:
        if not secret:
            return None
        return Line(secret, found.url) if found.url else Line(secret)
    if not found.url:
        return None
    return Sms(found.url, secret) if found.channel == Channel.SMS else Webhook(found.url, secret)
