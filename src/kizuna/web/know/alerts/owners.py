"""Who looks after a customer: whom people named, or else whom the data names by mail address."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from kizuna.web.accounts.models import Person
from kizuna.web.capture.identities.queries import belonging_to_any, whose
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.profiles.models import Profile
from kizuna.web.know.profiles.queries import owned, with_owner


def owners_of(customer_ids: Sequence[str]) -> dict[str, Person]:
    """Give the owners of some customers who are with us still."""
    people = {person.pk: person for person in Person.objects.filter(is_active=True)}
    by_mail = {person.email: person for person in people.values()}
    facts = CustomerFact.objects.filter(pk__in=customer_ids).exclude(owner_email=None)
    mails = facts.values_list("customer_id", "owner_email")
    folded = {customer_id: (mail or "").strip().lower() for customer_id, mail in mails}
    found = {key: by_mail[mail] for key, mail in folded.items() if mail in by_mail}
    named = with_owner().filter(belonging_to_any(customer_ids)).annotate(whose=whose())
    rows = named.values_list("customer_id", "whose", "owner")
    for _key, customer_id, owner in sorted(rows, key=lambda row: row[0] == row[1]):
        if owner in people:
            found[customer_id] = people[owner]
    return found


def looked_after_by(person: Person) -> QuerySet[CustomerFact]:
    """Give the customers whom a person owns."""
    ours = owned(person).annotate(whose=whose()).values("whose")
    others = Profile.objects.exclude(owner=None).exclude(owner=person).values("customer_id")
    by_mail = CustomerFact.objects.annotate(mail=Lower("owner_email")).filter(mail=person.email)
    brought = by_mail.exclude(pk__in=others).values("pk")
    return CustomerFact.objects.filter(Q(pk__in=ours) | Q(pk__in=brought))
