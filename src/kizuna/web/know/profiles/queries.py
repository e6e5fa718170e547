"""Reads: what people know of customers, and who is among the members of a tag or a field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.apps import apps
from django.db.models import QuerySet

from kizuna.web.accounts.models import Person
from kizuna.web.capture.identities.queries import (
    belonging,
    belonging_to_any,
    customer_of,
    merged_away,
    merged_into,
    whose,
)
from kizuna.web.know.profiles.models import (
    Change,
    Contact,
    Field,
    FieldKind,
    FieldValue,
    Profile,
    Tag,
    Tagged,
)

FIELD = "field_"
"""What the name of a field begins with, in forms and in addresses."""
COLUMN_OF = {FieldKind.NUMBER: "number", FieldKind.DATE: "day_on"}
CHANGES_SHOWN = 200


def team() -> QuerySet[Person]:
    """List who may own a customer or be mentioned."""
    return Person.objects.filter(is_active=True).order_by("name", "pk")


def tags() -> QuerySet[Tag]:
    """List every tag."""
    return Tag.objects.order_by("name", "pk")


def fields() -> list[Field]:
    """List the fields in use."""
    return list(Field.objects.filter(archived_at=None).order_by("name", "pk"))


def archived() -> QuerySet[Field]:
    """List the fields no longer in use."""
    return Field.objects.exclude(archived_at=None).order_by("name", "pk")


def column_of(field: Field) -> str:
    """Name the column that holds the values of a field."""
    return COLUMN_OF.get(FieldKind(field.kind), "text")


def profile(customer_id: str) -> Profile:
    """Give what people set; an empty one where nobody has."""
    found = Profile.objects.filter(belonging(customer_id)).select_related("owner")
    known = {profile.pk: profile for profile in found.order_by("customer_id")}
    own = known.pop(customer_id, None) or Profile(customer_id=customer_id)
    for other in known.values():
        own.owner, own.parent_id = own.owner or other.owner, own.parent_id or other.parent_id
    return own


def values(customer_id: str, known: Sequence[Field]) -> dict[int, Any]:
    """Give what each field holds for a customer."""
    found = FieldValue.objects.filter(belonging(customer_id)).order_by("customer_id")
    own_last = sorted(found, key=lambda value: value.customer_id == customer_id)
    kept = {value.field_id: value for value in own_last}
    return {f.pk: getattr(kept[f.pk], column_of(f)) for f in known if f.pk in kept}


def values_on(customer_ids: Sequence[str], known: Sequence[Field]) -> dict[str, dict[int, Any]]:
    """Give what some fields hold for each of some customers."""
    if not known:
        return {}
    held = FieldValue.objects.filter(belonging_to_any(customer_ids), field__in=known)
    rows = held.annotate(whose=whose()).order_by("customer_id")
    columns = {field.pk: column_of(field) for field in known}
    found: dict[str, dict[int, Any]] = {}
    for value in sorted(rows, key=lambda value: value.customer_id == value.whose):
        kept = getattr(value, columns[value.field_id])
        found.setdefault(value.whose, {})[value.field_id] = kept
    return found


def tags_of(customer_id: str) -> list[Tag]:
    """List the tags on a customer."""
    kept = Tagged.objects.filter(belonging(customer_id)).select_related("tag")
    return sorted({tagged.tag for tagged in kept}, key=lambda tag: tag.folded)


def tags_on(customer_ids: Sequence[str]) -> dict[str, list[str]]:
    """List the tags on each of some customers."""
    kept = Tagged.objects.filter(belonging_to_any(customer_ids)).annotate(whose=whose())
    found: dict[str, dict[str, None]] = {}
    for customer_id, name in kept.order_by("tag__name").values_list("whose", "tag__name"):
        found.setdefault(customer_id, {})[name] = None
    return {customer_id: list(names) for customer_id, names in found.items()}


def owners_of(customer_ids: Sequence[str]) -> dict[str, str]:
    """Name the owners that people gave to some customers."""
    kept = with_owner().filter(belonging_to_any(customer_ids)).annotate(whose=whose())
    rows = kept.order_by("-customer_id").values_list("customer_id", "whose", "owner__name")
    own_last = sorted(rows, key=lambda row: row[0] == row[1])
    return {customer_id: name for _key, customer_id, name in own_last}


def contacts(customer_id: str) -> QuerySet[Contact]:
    """List the people at a customer."""
    return Contact.objects.filter(belonging(customer_id)).order_by("name", "pk")


def changes(customer_id: str, many: int = CHANGES_SHOWN) -> list[Change]:
    """List the latest changes of a profile."""
    kept = Change.objects.filter(belonging(customer_id)).select_related("person")
    return list(kept.order_by("-at", "-pk")[:many])


def owned(owner: Person) -> QuerySet[Profile]:
    """Give the profiles that a person owns."""
    return Profile.objects.filter(owner=owner)


def with_owner() -> QuerySet[Profile]:
    """Give the profiles to which people gave an owner."""
    return Profile.objects.exclude(owner=None)


def inherited_owners() -> dict[str, int]:
    """Give the owner, by customer, of those who have theirs from somebody merged into them."""
    merged = with_owner().filter(merged_away()).annotate(whose=whose()).order_by("customer_id")
    found: dict[str, int] = {}
    for customer_id, owner_id in merged.values_list("whose", "owner_id"):
        found.setdefault(customer_id, owner_id)
    own = set(with_owner().filter(pk__in=found).values_list("pk", flat=True))
    return {key: owner_id for key, owner_id in found.items() if key not in own}


def right_below(parents: Sequence[str], many: int) -> list[str]:
    """Name customers whom people put below some accounts, as both are after merges."""
    here = Profile.objects.filter(parent_id__in=[*parents, *merged_into(parents)])
    kept = here.annotate(whose=whose()).order_by("customer_id")
    rows = list(kept.values_list("customer_id", "whose")[:many])
    moved = {whose for key, whose in rows if whose != key}
    own = Profile.objects.exclude(parent_id=None).filter(pk__in=moved)
    settled = set(own.values_list("pk", flat=True)) if moved else set()
    return list(dict.fromkeys(w for key, w in rows if w == key or w not in settled))


def members(asked: Mapping[str, Any]) -> Iterator[QuerySet[Any]]:
    """Give, for a tag and for each field that is asked for, who has it."""
    if asked.get("tag"):
        yield Tagged.objects.filter(tag=asked["tag"])
    given = {n.removeprefix(FIELD): v for n, v in asked.items() if n.startswith(FIELD)}
    for field in Field.objects.filter(pk__in=given) if given else ():
        said = {column_of(field): given[str(field.pk)]}
        yield FieldValue.objects.filter(field=field, **said)


def parent_of(customer_id: str) -> str | None:
    """Name the account above: as people set it, or else as it was brought in."""
    if here := profile(customer_id).parent_id:
        return customer_of(str(here))
    facts = apps.get_model("customers", "CustomerFact")._default_manager
    brought = facts.filter(pk=customer_id).values_list("parent_id", flat=True).first()
    return str(brought) if brought else None


def is_known(customer_id: str) -> bool:
    """Whether there is such a customer."""
    facts = apps.get_model("customers", "CustomerFact")._default_manager
    return bool(customer_id) and facts.filter(pk=customer_id).exists()


def initial(customer_id: str, known: Sequence[Field]) -> dict[str, Any]:
    """Give a profile as its form shows it."""
    found = profile(customer_id)
    said = {f"{FIELD}{pk}": value for pk, value in values(customer_id, known).items()}
    parent = found.parent_id or ""
    return {"version": found.version, "owner": found.owner, "parent_id": parent, **said}
