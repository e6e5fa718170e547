"""Notes: written, changed by their author, and seen by those whom they mention."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from kizuna.web.accounts.models import Person
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.notes import queries, services
from kizuna.web.know.notes.mentions import mentioned
from kizuna.web.know.notes.models import Mention, Note

pytestmark = pytest.mark.django_db


@pytest.fixture
def note(ben: Person) -> Note:
    """A note of Ben's."""
    CustomerFact.objects.create(customer_id="A", folded="A", fingerprint=0)
    return services.write(actor=ben, customer_id="A", text="Called; @Chiyo please look 🌸")


def test_who_is_mentioned_finds_the_note_once(
    client_of: Any, aiko: Person, chiyo: Person, note: Note
) -> None:
    assert [m.note for m in queries.mentions_of(chiyo)] == [note]
    assert not queries.mentions_of(aiko)
    page = client_of(chiyo).get("/notes/mentions/").content.decode()
    assert "please look 🌸" in page
    assert Mention.objects.get().seen_at is not None


@pytest.mark.parametrize(
    "text", ["@山田太郎さん", "@山田 太郎 お願いします", "＠山田　太郎", "@taro@example.com"]
)
def test_a_name_is_found_however_it_is_written(text: str) -> None:
    team = [
        Person(pk=1, name="山田", email="y@example.com"),
        Person(pk=2, name="山田 太郎", email="taro@example.com"),
    ]
    assert mentioned(text, team)[-1].pk == 2


def test_the_note_of_another_is_changed_by_managers_alone(
    aiko: Person, ben: Person, chiyo: Person, note: Note
) -> None:
    with pytest.raises(PermissionDenied):
        services.change(actor=chiyo, note_id=note.pk, version=1, text="no")
    services.change(actor=aiko, note_id=note.pk, version=1, text="Mended")
    assert not Mention.objects.exists()


def test_the_second_of_two_writers_overwrites_nothing(
    client_of: Any, aiko: Person, ben: Person, chiyo: Person, note: Note
) -> None:
    services.change(actor=aiko, note_id=note.pk, version=1, text="Aiko's words")
    answer = client_of(ben).post(f"/notes/{note.pk}/", {"text": "Ben's words", "version": "1"})
    assert answer.status_code == 409
    assert Note.objects.get().text == "Aiko's words"
    page = answer.content.decode()
    assert "Ben&#x27;s words" in page
    assert "Aiko&#x27;s words" in page
