"""Who is mentioned in a text: @ and a name of the team, however wide or in whatever case."""

from __future__ import annotations

from collections.abc import Iterable

from kizuna.web.accounts.models import Person
from kizuna.web.know.profiles.folding import folded


def mentioned(text: str, team: Iterable[Person]) -> list[Person]:
    """Give the people whose name or mail address stands behind an @; the longest name counts.

    Spaces within a name make no difference: @山田太郎 is 山田 太郎.
    """
    names = sorted(_names(team), key=lambda pair: -len(pair[0]))
    found: dict[int, Person] = {}
    for part in _close(text).split("@")[1:]:
        # what holds an @ itself, an address, is looked for in the whole text below
        person = next((person for name, person in names if part.startswith(name)), None)
        if person is not None:
            found[person.pk] = person
    for person in {person.pk: person for _name, person in names}.values():
        if f"@{_close(person.email)}" in _close(text):
            found[person.pk] = person
    return list(found.values())


def _names(team: Iterable[Person]) -> list[tuple[str, Person]]:
    return [(_close(person.name), person) for person in team if _close(person.name)]


def _close(text: str) -> str:
    return "".join(folded(text).split())
