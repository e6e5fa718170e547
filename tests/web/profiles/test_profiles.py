"""What people know of a customer: owner, parent, fields, contacts, tags; no change is lost."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client

from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.know.customers.accounts import family
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.customers.queries import customers
from kizuna.web.know.profiles import queries
from kizuna.web.know.profiles.models import Contact, FieldKind, Profile, Tag
from kizuna.web.know.profiles.services import contacts, details, fields, tags

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def known(db: None) -> None:
    """Three customers."""
    for name, value in (("A", 300.0), ("B", 200.0), ("C", 100.0)):
        CustomerFact.objects.create(
            customer_id=name, folded=name, fingerprint=0, residual_clv=value, historical_value=10
        )


@pytest.fixture
def member(client_of: Any, ben: Person) -> Client:
    """A browser of a member."""
    client: Client = client_of(ben)
    return client


def save(actor: Person, customer_id: str = "A", version: int = 0, **said: Any) -> Profile:
    given = {"owner": None, "parent_id": "", "values": {}, **said}
    return details.save(actor=actor, customer_id=customer_id, version=version, **given)


def test_a_change_is_kept_with_who_made_it_and_recorded(ben: Person) -> None:
    save(ben, owner=ben)
    assert queries.profile("A").owner == ben
    assert queries.changes("A")[0].after["owner"] == "Ben"
    assert AuditEntry.objects.filter(action="know.profile.changed", target="customer A").count()


def test_a_viewer_changes_nothing(chiyo: Person) -> None:
    with pytest.raises(PermissionDenied):
        save(chiyo, owner=chiyo)
    with pytest.raises(PermissionDenied):
        tags.add_tag(actor=chiyo, customer_id="A", name="vip")


def test_the_second_of_two_people_changes_nothing_unseen(aiko: Person, ben: Person) -> None:
    save(aiko, owner=aiko)
    with pytest.raises(details.ChangedMeanwhileError):
        save(ben, owner=ben)
    assert queries.profile("A").owner == aiko


def test_where_the_check_is_forgotten_the_database_refuses(aiko: Person, ben: Person) -> None:
    # the twin of the test above: the version is set back behind the service
    save(aiko, owner=aiko)
    Profile.objects.filter(pk="A").update(version=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        save(ben, owner=ben)
    assert queries.profile("A").owner == aiko


def test_the_second_sees_what_changed_beside_what_she_typed(
    aiko: Person, ben: Person, member: Client
) -> None:
    save(aiko, owner=aiko)
    typed = {"version": "0", "owner": str(ben.pk), "parent_id": ""}
    answer = member.post("/customers/one/edit?id=A", typed)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Aiko changed this" in page
    assert "<bdi>Ben</bdi></td><td><bdi>Aiko</bdi>" in page
    again = member.post("/customers/one/edit?id=A", {**typed, "version": "1"})
    assert again.status_code == 302
    assert queries.profile("A").owner == ben


def test_nobody_belongs_to_themselves_or_to_those_below(ben: Person) -> None:
    save(ben, "B", parent_id="A")
    save(ben, "C", parent_id="B")
    for above in ("A", "C"):
        with pytest.raises(details.NotAParentError):
            save(ben, "A", parent_id=above)
    with pytest.raises(details.NotAParentError):
        save(ben, "A", parent_id="nobody")


def test_the_value_of_an_account_holds_all_below(ben: Person) -> None:
    save(ben, "B", parent_id="A")
    CustomerFact.objects.filter(pk="C").update(parent_id="B")
    found = family(CustomerFact.objects.get(pk="A"))
    assert (found.below, found.residual_clv, found.historical_value) == (2, 600.0, 30)
    assert [child.pk for child in found.children] == ["B"]
    assert found.complete


def test_fields_hold_their_kind_and_find_customers(aiko: Person, ben: Person) -> None:
    size = fields.make(actor=aiko, name="Size", kind=FieldKind.NUMBER)
    save(ben, "B", values={size.pk: 7.5})
    found = customers({f"field_{size.pk}": 7.5})
    assert [row.pk for row in found] == ["B"]
    save(ben, "B", version=1, values={size.pk: None})
    assert not customers({f"field_{size.pk}": 7.5}).exists()


def test_a_field_is_made_by_managers_and_once(aiko: Person, ben: Person) -> None:
    with pytest.raises(PermissionDenied):
        fields.make(actor=ben, name="Size", kind=FieldKind.TEXT)
    fields.make(actor=aiko, name="Size", kind=FieldKind.TEXT)
    with pytest.raises(fields.NameTakenError):
        fields.make(actor=aiko, name="ｓｉｚｅ", kind=FieldKind.TEXT)


def test_a_tag_is_one_however_it_is_written_and_finds_customers(ben: Person) -> None:
    tags.add_tag(actor=ben, customer_id="A", name="ＶＩＰ")
    tags.add_tag(actor=ben, customer_id="C", name="vip")
    assert Tag.objects.count() == 1
    assert {row.pk for row in customers({"tag": Tag.objects.get()})} == {"A", "C"}


def test_customers_are_found_by_their_owner_as_set_or_as_brought_in(
    aiko: Person, ben: Person
) -> None:
    CustomerFact.objects.filter(pk__in=["B", "C"]).update(owner_email=ben.email)
    save(aiko, "A", owner=ben)
    save(aiko, "B", owner=aiko)
    assert {row.pk for row in customers({"owner": ben})} == {"A", "C"}


def test_contacts_come_change_and_go(ben: Person, member: Client) -> None:
    said = {"name": "山田 花子", "role": "decides", "version": "0"}
    assert member.post("/customers/one/contacts/?id=A", said).status_code == 302
    contact = Contact.objects.get(customer_id="A")
    stale = {**said, "name": "X", "version": "9"}
    assert member.post(f"/customers/contacts/{contact.pk}/", stale).status_code == 409
    contacts.remove(actor=ben, contact_id=contact.pk)
    assert not Contact.objects.exists()
    assert AuditEntry.objects.filter(action__startswith="know.contact.").count() == 2
