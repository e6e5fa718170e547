"""Reads: sources of contacts, what was left over, and whose an address is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.apps import apps
from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet
from django.db.models.functions import Lower

from kizuna.web.capture.identities.models import Identifier, IdentifierKind, Link
from kizuna.web.capture.interactions.models import Hook, Mailbox, Refusal, Stranger, Use

A_PAGE = 50
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose an address is: a customer, nobody known, or several."""

    customer_id: str = ""
    several: bool = False


def hooks() -> QuerySet[Hook]:
    """Give the hooks by name, and how much of each was refused."""
    return Hook.objects.annotate(refused=Count("refusals")).order_by("name")


def hook(pk: int) -> Hook | None:
    """Find one."""
    return Hook.objects.filter(pk=pk).first()


def hook_by(token: str) -> Hook | None:
    """Find the hook that an address leads to."""
    return Hook.objects.filter(token=token, is_on=True).first()


def refusals(pk: int, number: int = 1) -> Page[Refusal]:
    """Give what a hook refused, the newest first."""
    kept = Refusal.objects.filter(hook_id=pk).order_by("-at", "-pk")
    return Paginator(kept, A_PAGE).get_page(number)


def mailboxes() -> QuerySet[Mailbox]:
    """Give the mailboxes by name, and how many mails of strangers wait."""
    return Mailbox.objects.annotate(waiting=Count("strangers")).order_by("name")


def mailbox(pk: int) -> Mailbox | None:
    """Find one."""
    return Mailbox.objects.filter(pk=pk).first()


def of_returns() -> list[Mailbox]:
    """Give the mailboxes into which only what comes back comes."""
    return list(Mailbox.objects.filter(use=Use.RETURNS).order_by("name"))


def to_be_read() -> list[int]:
    """Name the mailboxes that are read; where a password was refused, a person comes first."""
    return list(
        Mailbox.objects.filter(is_on=True).exclude(problem="login").values_list("pk", flat=True)
    )


def strangers(pk: int) -> list[Stranger]:
    """Give the newest mails of strangers."""
    return list(Stranger.objects.filter(mailbox_id=pk).order_by("-at", "-pk")[:SHOWN])


def hook_name_taken(name: str, *, but_for: int | None = None) -> bool:
    """Tell whether another hook has a name."""
    return Hook.objects.filter(name=name).exclude(pk=but_for or 0).exists()


def mailbox_name_taken(name: str, *, but_for: int | None = None) -> bool:
    """Tell whether another mailbox has a name."""
    return Mailbox.objects.filter(name=name).exclude(pk=but_for or 0).exists()


def holders(emails: Iterable[str]) -> dict[str, Holder]:
    """Say whose each address is, by customers, their contacts, and what programs said of them."""
    wanted = sorted({email.strip().lower() for email in emails if email})
    if not wanted:
        return {}
    found: dict[str, set[str]] = {email: set() for email in wanted}
    for email, key in _said(wanted):
        found[email].add(key)
    keys = {key for keys in found.values() for key in keys}
    linked = dict(Link.objects.filter(pk__in=keys).values_list("raw_customer_id", "customer_id"))
    owned = {email: {linked.get(key, key) for key in keys} for email, keys in found.items()}
    return {
        email: Holder(next(iter(keys)) if len(keys) == 1 else "", len(keys) > 1)
        for email, keys in owned.items()
    }


def _said(wanted: list[str]) -> list[tuple[str, str]]:
    facts = apps.get_model("customers", "CustomerFact")._default_manager
    contacts = apps.get_model("profiles", "Contact")._default_manager.annotate(said=Lower("email"))
    named = Identifier.objects.filter(kind=IdentifierKind.EMAIL, value__in=wanted)
    return [
        *facts.filter(email__in=wanted).values_list("email", "pk"),
        *contacts.filter(said__in=wanted).values_list("said", "customer_id"),
        *named.values_list("value", "raw_customer_id"),
    ]
