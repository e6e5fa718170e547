"""What every message carries: the headers that unsubscribe, and the lines the law wants."""

from __future__ import annotations

from urllib.parse import urljoin

from django.utils.translation import gettext as _

from kizuna.web.capture.consents import queries
from kizuna.web.capture.consents.links import Sealed, preferences_path, unsubscribe_path
from kizuna.web.capture.consents.models import Sender


class NoSenderError(Exception):
    """Raised where it is not said who writes, or where customers reach Kizuna."""


def headers(said: Sealed, known: Sender | None = None) -> dict[str, str]:
    """Give the headers of RFC 2369 and RFC 8058 of a mail; DKIM has to sign both.

    `known` is who writes, where that was read before.
    """
    sender = _sender(known)
    ways = [f"<{urljoin(sender.site, unsubscribe_path(said))}>"]
    if sender.mailbox:
        ways.append(f"<mailto:{sender.mailbox}?subject=unsubscribe>")
    return {
        "List-Unsubscribe": ", ".join(ways),
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def footer(said: Sealed, known: Sender | None = None) -> str:
    """Write what stands below a promotional message, in the language in use."""
    sender = _sender(known)
    stop = urljoin(sender.site, unsubscribe_path(said))
    choose = urljoin(sender.site, preferences_path(said.customer_id))
    return "\n".join(
        [
            _("Sender: %(name)s") % {"name": sender.legal_name},
            _("Address: %(address)s") % {"address": sender.postal_address},
            _("Contact: %(contact)s") % {"contact": sender.contact},
            _("To receive no more of these messages: %(link)s") % {"link": stop},
            _("To choose what you receive: %(link)s") % {"link": choose},
        ]
    )


def _sender(known: Sender | None) -> Sender:
    found = known or queries.sender()
    if found.missing:
        raise NoSenderError(", ".join(found.missing))
    return found
