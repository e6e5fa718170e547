"""The demo's second success manager, whom the two know at their accounts, and what they noted."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from kizuna.demo.people import COLLEAGUE_EMAIL, OWNER_EMAIL
from kizuna.demo.relations import read_relations
from kizuna.web.accounts.models import Person
from kizuna.web.know.notes import services as notes
from kizuna.web.know.profiles.services import contacts


def tell(*, owner: Person, colleague: Person, path: Path) -> None:
    """Put down who is known at the accounts, and the notes of whoever wrote them."""
    found = read_relations(path)
    for known in found.contacts:
        said = asdict(known) | {"phone": ""}
        contacts.add(actor=owner, customer_id=said.pop("customer_id"), said=said)
    authors = {OWNER_EMAIL: owner, COLLEAGUE_EMAIL: colleague}
    for noted in found.notes:
        notes.write(actor=authors[noted.author], customer_id=noted.customer_id, text=noted.text)
