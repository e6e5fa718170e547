"""Look at a template with a real customer's words, and send oneself a test."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.act.messages import addressing, markup, rendering
from kizuna.web.act.messages.channels import Fate, Letter, Outcome, carrier_of
from kizuna.web.act.messages.models import Channel, Template, Text
from kizuna.web.act.messages.placeholders import VALUE
from kizuna.web.act.messages.variables import facts_of, known_of, values_of
from kizuna.web.capture.consents.messages import NoSenderError
from kizuna.web.capture.consents.models import Purpose
from kizuna.web.capture.consents.queries import sender
from kizuna.web.capture.identities.queries import customer_of
from kizuna.web.know.customers.models import CustomerFact

TOKENS = re.compile(r"/(unsubscribe|preferences)/[^\s<>\"]+")
NOT_SENT = "/preview"
"""What stands in a trial where a link would unsubscribe the real customer."""


@dataclass(frozen=True, slots=True)
class Look:
    """A letter as a customer would get it, or what is missing."""

    letter: Letter | None
    html: str = ""
    address: str = ""
    lacking: tuple[str, ...] = ()
    no_sender: str = ""
    is_nobody: bool = False


def look(*, text: Text, template: Template, customer_id: str) -> Look:
    """Fill a text in with what is known of a customer; nothing is sent or counted."""
    one = customer_of(customer_id)
    names = rendering.names_in(text)
    facts = facts_of([one])
    if not CustomerFact.objects.filter(pk=one).exists():
        return Look(None, is_nobody=True)
    known = known_of(facts, {one: text.language}, names)[one]
    given = {name: name.removeprefix(VALUE) for name in names if name.startswith(VALUE)}
    values = values_of(known, (n for n in names if n not in given)) | given
    address = addressing.address_of(
        text.channel, facts[one], None, addressing.handles_of([one], text.channel)
    )
    purpose = Purpose.objects.filter(code=template.purpose).first()
    about = rendering.About(
        customer_id=one, address=address, name=facts[one].name or "", purpose=purpose,
        topic=template.topic, sender=sender(),
    )  # fmt: skip
    try:
        letter = _harmless(rendering.letter(text, values, about))
    except rendering.Lacking as error:
        return Look(None, address=address, lacking=error.names)
    except NoSenderError as error:
        return Look(None, address=address, no_sender=str(error))
    return Look(letter, _inner(text, letter, values), address)


def _inner(text: Text, letter: Letter, values: dict[str, str | None]) -> str:
    """Give the HTML for a page of ours: only what the markup makes, without the mail around it."""
    if text.channel != Channel.EMAIL:
        return ""
    body = markup.compiled(text.body)
    links = markup.addresses(body, values)
    inner = markup.filled(body.html, values, links, lambda _n, to: to, html=True)
    footer = letter.text.rpartition("\n-- \n")[2] if "\n-- \n" in letter.text else ""
    return inner + (f"<hr>{markup.plain(footer)}" if footer else "")


def _harmless(letter: Letter) -> Letter:
    """Take out what would unsubscribe the real customer."""
    return Letter(
        number=0, key="trial", address=letter.address, name=letter.name, subject=letter.subject,
        text=TOKENS.sub(rf"/\1{NOT_SENT}", letter.text),
        html=TOKENS.sub(rf"/\1{NOT_SENT}", letter.html),
        headers={n: v for n, v in letter.headers.items() if n in ("Message-ID", "Auto-Submitted")},
    )  # fmt: skip


def send_test(
    *, actor: Person, text: Text, template: Template, customer_id: str,
    request: HttpRequest | None = None,
) -> Outcome:  # fmt: skip
    """Mail oneself what a customer would get."""
    if not actor.may(Role.MEMBER):
        raise PermissionDenied
    found, carrier = (
        look(text=text, template=template, customer_id=customer_id),
        carrier_of(Channel.EMAIL),
    )
    if found.letter is None or carrier is None:
        return Outcome(Fate.REFUSED, "no_channel" if carrier is None else "missing_value")
    letter = found.letter
    mine = Letter(
        number=0, key="trial", address=actor.email, name=actor.name, text=letter.text,
        html=letter.html, headers=letter.headers,
        subject=f"[Test] {letter.subject or template.name}",
    )  # fmt: skip
    try:
        outcome = carrier.send(mine)
    finally:
        carrier.close()
    audit(
        actor=actor, action="act.template.tested", target=str(template), request=request,
        after={"fate": outcome.fate.value},
    )  # fmt: skip
    return outcome
