"""What a placeholder may say: names with their meaning, and values of some customers at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from kizuna.pipeline.rules.catalogue import known_facts
from kizuna.report.language import Language
from kizuna.web.act.messages.names import JAPANESE, family_name, salutation
from kizuna.web.capture.consents.models import Sender
from kizuna.web.capture.consents.queries import sender
from kizuna.web.know.customers.columns import COLUMNS
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.profiles import queries as profiles
from kizuna.web.know.profiles.models import Contact, Field, FieldKind
from kizuna.web.know.publications.queries import published

TEACHER = "先生"
FACT, OWN = "fact.", "field."
TOLD = frozenset(
    {
        *("acquired_on", "first_purchase", "last_purchase", "days_since_purchase", "orders"),
        *("contracts", "days_to_renewal", "days_to_notice"),
        *("active_days_28d", "days_since_use", "cases_open"),
    }
)
"""Facts that a message may tell a customer of herself: what she did, agreed to and asked for.

What is worked out about her (value, segment, scores, the risk of leaving, health), what she told in
confidence (answers) and what a fact that is added later may be is kept back.
"""


@dataclass(slots=True)
class Known:
    """What is known of one customer, as far as the placeholders in question need it."""

    fact: CustomerFact
    language: str
    currency: str = ""
    today: date | None = None
    teacher: bool = False
    owner: str = ""
    own: Mapping[str, str] = field(default_factory=dict)
    contact: Contact | None = None
    who: Sender | None = None

    @property
    def say(self) -> Language:
        """What writes numbers and days in the customer's language."""
        return Language("ja" if self.language == "ja" else "en", self.currency or None)


type Reader = Callable[[Known], str | None]


@dataclass(frozen=True, slots=True)
class Variable:
    """A name, what it says, and how it is read."""

    name: str
    label: str | Promise
    read: Reader


def _addressed(known: Known) -> str | None:
    if known.contact is not None:
        return salutation(known.contact.name, None, known.language, teacher=known.teacher)
    name = known.fact.name or ""
    return salutation(name, known.fact.kind, known.language, teacher=known.teacher)


def _family(known: Known) -> str | None:
    if known.contact is not None:
        return family_name(known.contact.name, None)
    return family_name(known.fact.name or "", known.fact.kind)


def _sender(name: str) -> Reader:
    return lambda known: getattr(known.who, name, "") if known.who else ""


def _fact(name: str) -> Reader:
    def read(known: Known) -> str | None:
        value = getattr(known.fact, name, None)
        if value is None:
            return None
        with override(known.language):
            return COLUMNS[name].written(value, known.say)

    return read


PERSONAL = (
    Variable(
        "customer.salutation", _("How the customer is addressed (様, 御中, 先生)"), _addressed
    ),
    Variable("customer.name", _("Name"), lambda k: k.fact.name),
    Variable("customer.family_name", _("Family name, where the name is written in parts"), _family),
    Variable("customer.kana", _("Reading of the name"), lambda k: k.fact.name_kana),
    Variable("customer.id", _("Customer's number"), lambda k: k.fact.customer_id),
    Variable("customer.email", _("E-mail address"), lambda k: k.fact.email),
    Variable("customer.phone", _("Phone"), lambda k: k.fact.phone),
    Variable("customer.region", _("Region"), lambda k: k.fact.region),
    Variable("contact.name", _("Name of the person written to"), lambda k: _contact(k, "name")),
    Variable("contact.title", _("Job title of the person"), lambda k: _contact(k, "title")),
    Variable("owner.name", _("Who looks after the customer"), lambda k: k.owner),
    Variable("sender.name", _("Name of the sender"), _sender("legal_name")),
    Variable("sender.contact", _("Where questions go"), _sender("contact")),
    Variable("today", _("Day of sending"), lambda k: k.say.day(k.today) if k.today else None),
)


def _contact(known: Known, name: str) -> str | None:
    return getattr(known.contact, name) if known.contact else None


@cache
def _fixed() -> dict[str, Variable]:
    stored = {f.name for f in CustomerFact._meta.concrete_fields}
    facts = [
        Variable(f"{FACT}{name}", column.label, _fact(name))
        for name, column in COLUMNS.items()
        if name in stored & TOLD
    ]
    return {variable.name: variable for variable in (*PERSONAL, *facts)}


def is_kept_back(name: str) -> bool:
    """Whether a placeholder would tell a customer what is known of her but not for her."""
    fact = name.removeprefix(FACT)
    return name.startswith(FACT) and fact not in TOLD and fact in known_facts()


def own_name(one: Field) -> str:
    """Name a field of the organisation's own as a placeholder does."""
    return OWN + "_".join(one.name.split())


def variables() -> dict[str, Variable]:
    """Give every placeholder there is, the organisation's own fields among them."""
    own = {
        own_name(one): Variable(own_name(one), one.name, _own(own_name(one)))
        for one in profiles.fields()
    }
    return _fixed() | own


def _own(name: str) -> Reader:
    return lambda known: known.own.get(name)


def language_of(fact: CustomerFact, offered: Collection[str], usual: str) -> str:
    """Choose the language of a customer: by the name's letters, among those there are."""
    japanese = bool(fact.name_kana) or bool(JAPANESE.search(fact.name or ""))
    wanted = "ja" if japanese else usual
    if wanted in offered:
        return wanted
    return usual if usual in offered else next(iter(sorted(offered)), usual)


def facts_of(customer_ids: Iterable[str]) -> dict[str, CustomerFact]:
    """Give the facts of some customers; of one who is not known yet, the number alone."""
    listed = list(customer_ids)
    found = {fact.pk: fact for fact in CustomerFact.objects.filter(pk__in=listed)}
    return {one: found.get(one) or CustomerFact(customer_id=one) for one in listed}


def known_of(
    facts: Mapping[str, CustomerFact], languages: Mapping[str, str], names: Collection[str]
) -> dict[str, Known]:
    """Gather what some placeholders need of some customers, and ask for nothing else."""
    ids, state = list(facts), published()
    owners = profiles.owners_of(ids) if "owner.name" in names else {}
    tags = profiles.tags_on(ids) if "customer.salutation" in names else {}
    own = _own_values(ids, names, languages, state.currency if state else "")
    who = sender() if any(name.startswith("sender.") for name in names) else None
    today = timezone.localdate()
    return {
        one: Known(
            fact=fact,
            language=languages[one],
            currency=state.currency if state else "",
            today=today,
            teacher=TEACHER in tags.get(one, ()),
            owner=owners.get(one, ""),
            own=own.get(one, {}),
            who=who,
        )
        for one, fact in facts.items()
    }


def values_of(known: Known, names: Iterable[str]) -> dict[str, str | None]:
    """Give what fills some placeholders."""
    there = _fixed()
    return {
        name: there[name].read(known) if name in there else known.own.get(name) for name in names
    }


def _own_values(
    ids: Sequence[str], names: Collection[str], languages: Mapping[str, str], currency: str
) -> dict[str, dict[str, str]]:
    wanted = [name for name in names if name.startswith(OWN)]
    if not wanted:
        return {}
    asked = [one for one in profiles.fields() if own_name(one) in wanted]
    held = profiles.values_on(ids, asked)
    return {
        one: {
            own_name(f): _written(f, held[one].get(f.pk), languages[one], currency) for f in asked
        }
        for one in held
    }


def _written(one: Field, value: Any, language: str, currency: str) -> str:
    if value is None:
        return ""
    say = Language("ja" if language == "ja" else "en", currency or None)
    if one.kind == FieldKind.DATE:
        return say.day(value)
    if one.kind == FieldKind.NUMBER:
        return say.number(value) if value == int(value) else say.number(value, 2)
    return str(value)
