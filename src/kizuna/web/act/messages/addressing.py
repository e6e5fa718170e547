"""Where a customer is reached on a channel, or a person at the customer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from kizuna.web.act.messages.models import Channel, Handle
from kizuna.web.capture.identities.queries import belonging_to_any, whose
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.profiles.models import Contact

MAIL = re.compile(r"[^\s@<>\"(),:;\[\]\\]{1,64}@[^\s@<>\"(),:;\[\]\\_]{1,190}\.[^\s@.]{2,63}")
PHONE = re.compile(r"\+?[0-9]{6,15}")


def handles_of(customer_ids: Sequence[str], channel: str) -> dict[str, str]:
    """Give under which name some customers are known on a channel."""
    found = Handle.objects.filter(belonging_to_any(customer_ids), channel=channel)
    rows = found.annotate(whose=whose()).order_by("set_at", "pk")
    return dict(rows.values_list("whose", "value"))


def contacts_of(
    customer_ids: Sequence[str], roles: Iterable[str]
) -> dict[tuple[str, str], Contact]:
    """Give the person with a role at each of some customers, the one changed last."""
    asked = [role for role in set(roles) if role]
    if not asked:
        return {}
    found = Contact.objects.filter(belonging_to_any(customer_ids), role__in=asked)
    return {
        (contact.whose, contact.role): contact
        for contact in found.annotate(whose=whose()).order_by("changed_at", "pk")
    }


def address_of(
    channel: str, fact: CustomerFact, contact: Contact | None, handles: dict[str, str]
) -> str:
    """Give where somebody is reached; empty where that is not known, or is no address."""
    if channel == Channel.WEBHOOK:
        return fact.customer_id
    if channel == Channel.LINE:
        return handles.get(fact.customer_id, "")
    if channel == Channel.SMS:
        said = handles.get(fact.customer_id) or (contact.phone if contact else fact.phone)
        plain = re.sub(r"[\s()\-‐–.]", "", said or "")
        return plain if PHONE.fullmatch(plain) else ""
    mail = ((contact.email if contact else fact.email) or "").strip()
    return mail if MAIL.fullmatch(mail) and mail.isprintable() else ""
